"""Who asks: what the token of a request allows."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from incidentlog.gateway.tokens import Scope, Tokens, require
from incidentlog.gateway.views import View

#: Named in the OpenAPI document; what it finds is read again, since it takes other schemes for no token.
_scheme = HTTPBearer(auto_error=False, description="A token that the operator has let in, with the scopes it needs")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_scheme)]


def granted(request: Request, _token: Bearer) -> frozenset[Scope]:
    """The scopes of the request's token, none without one; NotAuthenticated if it is not known."""
    tokens: Tokens = request.app.state.tokens
    return tokens.granted(request.headers.get("authorization"))


Granted = Annotated[frozenset[Scope], Depends(granted)]


def view_of(scopes: Granted) -> View:
    """`full` for a token with the scope `read:full`, else `public`."""
    return "full" if "read:full" in scopes else "public"


def may_publish(request: Request, scopes: Granted) -> None:
    """NotAuthenticated or NotAllowed, unless the token has the scope `publish`."""
    require(scopes, "publish", sent="authorization" in request.headers)


ViewOf = Annotated[View, Depends(view_of)]
