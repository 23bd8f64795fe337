"""Who asks: what the token of a request allows."""

from __future__ import annotations

import logging
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from incidentlog.gateway.tokens import Grant, Tokens, require
from incidentlog.gateway.views import View

#: Who used a token for what.
_log = logging.getLogger("incidentlog.access")
#: Named in the OpenAPI document; what it finds is read again, since it takes other schemes for no token.
_scheme = HTTPBearer(auto_error=False, description="A token that the operator has let in, with the scopes it needs")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_scheme)]


def granted(request: Request, _token: Bearer) -> Grant:
    """What the request's token allows, nothing without one; NotAuthenticated if it is not known."""
    tokens: Tokens = request.app.state.tokens
    return tokens.granted(request.headers.get("authorization"))


Granted = Annotated[Grant, Depends(granted)]


def view_of(request: Request, grant: Granted) -> View:
    """`full` for a token with the scope `read:full`, else `public`. Who sees everything is noted."""
    if "read:full" not in grant.scopes:
        return "public"
    _note(request, grant)
    return "full"


def may_publish(request: Request, grant: Granted) -> None:
    """NotAuthenticated or NotAllowed, unless the token has the scope `publish`. Who publishes is noted."""
    require(grant.scopes, "publish", sent="authorization" in request.headers)
    _note(request, grant)


def may_review(request: Request, grant: Granted) -> Grant:
    """NotAuthenticated or NotAllowed, unless the token has the scope `review`. Who reviews is noted."""
    require(grant.scopes, "review", sent="authorization" in request.headers)
    _note(request, grant)
    return grant


def _note(request: Request, grant: Grant) -> None:
    """The access log: who, what, never the token. Addresses as they were sent: decoded, they may hold line ends."""
    _log.info("%s: %s %s", grant.holder, request.method, quote(request.scope["path"], safe="/*"))


ViewOf = Annotated[View, Depends(view_of)]
Reviewer = Annotated[Grant, Depends(may_review)]
