"""A gateway as a child process: for stacks that start one, and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incidentlog.gateway.errors import GatewayStopped
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.processes import Program


class GatewayProcess(Program):
    """`async with GatewayProcess(settings) as gateway:`: started, then `await gateway.ready()` until it answers at
    `gateway.url`; asked to stop at the end. `variables` go into its environment."""

    def __init__(self, settings: GatewaySettings, variables: Mapping[str, str] | None = None) -> None:
        super().__init__(("-m", "incidentlog.gateway", "--settings-from-stdin"), settings.to_json(), variables)
        self.url = ""
        """Where it answers, once it is ready."""
        self.metrics_url = ""
        """Where its metrics and health are, if it was told to serve them on a port of their own."""

    def hear(self, told: dict[str, Any]) -> None:
        """A line it has said."""
        self.url = told.get("url", self.url)
        self.metrics_url = told.get("metrics", self.metrics_url)

    def ended_early(self, status: int | None, messages: str) -> Exception:
        """It ended before it was ready."""
        return GatewayStopped(status, messages)
