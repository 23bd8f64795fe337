"""A gateway's parts together: what it follows, and what it is told."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker
from incidentlog.gateway.answers import Answers
from incidentlog.gateway.claims import Claims
from incidentlog.gateway.mirror import Mirror
from incidentlog.gateway.quarantine import Quarantine
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.views import View
from incidentlog.schemas.topics import PROJECTIONS


class Gateway:
    """`async with Gateway(settings) as gateway:` follows everything; `gateway.answers(view)` answers.

    `broker` is for tests, which have theirs in memory; else it is the one at `settings.bootstrap`. Routes find it as
    `request.app.state.gateway`.
    """

    def __init__(self, settings: GatewaySettings, broker: Broker | None = None) -> None:
        self.settings = settings
        self.broker = broker or broker_at(settings.bootstrap)
        self.topics = settings.topics
        self.mirrors = {name: Mirror(self.broker, self.topics, name) for name in PROJECTIONS}
        self.claims = Claims(self.broker, self.topics)
        self.quarantine = Quarantine(self.broker, self.topics)

    def answers(self, view: View) -> Answers:
        """What may be shown in a view."""
        return Answers(self, view)

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError
