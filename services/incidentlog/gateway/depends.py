"""What routes are given: the gateway, and the answers in the view that the request's token allows."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from incidentlog.gateway.answers import Answers
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.views import View


def gateway_of(request: Request) -> Gateway:
    """The gateway that serves this request."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def view_of(request: Request) -> View:
    """`full` for a token with the scope `read:full`, else `public`."""
    del request
    return "public"


def answers_of(request: Request) -> Answers:
    """The answers this request may have."""
    return gateway_of(request).answers(view_of(request))


GatewayOf = Annotated[Gateway, Depends(gateway_of)]
AnswersOf = Annotated[Answers, Depends(answers_of)]
ViewOf = Annotated[View, Depends(view_of)]
