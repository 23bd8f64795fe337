"""What routes are given: the gateway, and the answers in the view that the request's token allows."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from incidentlog.gateway.access import ViewOf
from incidentlog.gateway.answers import Answers
from incidentlog.gateway.errors import BadPosition, UnknownProjection
from incidentlog.gateway.positions import reached
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.views import EXAMPLE

MOST_POSITIONS = 64


def gateway_of(request: Request) -> Gateway:
    """The gateway that serves this request."""
    gateway: Gateway = request.app.state.gateway
    return gateway


GatewayOf = Annotated[Gateway, Depends(gateway_of)]


def answers_of(gateway: GatewayOf, view: ViewOf) -> Answers:
    """The answers this request may have."""
    return gateway.answers(view)


AnswersOf = Annotated[Answers, Depends(answers_of)]
Positions = Annotated[
    list[str] | None,
    Query(description="Wait until what this record led to is in the answer; may be repeated", examples=[[EXAMPLE]]),
]


async def waited(gateway: GatewayOf, name: str, min_position: Positions = None) -> None:
    """Wait for positions before anything is looked at."""
    if not min_position:
        return
    if name not in gateway.mirrors:
        raise UnknownProjection(name, gateway.mirrors)
    if len(min_position) > MOST_POSITIONS:
        raise BadPosition(min_position[0], f"is one of more than {MOST_POSITIONS}")
    mirror, seconds = gateway.mirrors[name], gateway.settings.position_seconds
    await reached(gateway.broker, gateway.topics, mirror, min_position, seconds)


Waited = Depends(waited)
