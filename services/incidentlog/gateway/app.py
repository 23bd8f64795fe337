"""The application: routes, errors, limits, and a gateway for as long as it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from incidentlog.client.ports import Broker
from incidentlog.gateway import openapi, operate, problems, read, review, stream, webhooks, write
from incidentlog.gateway.counting import Counting
from incidentlog.gateway.limits import Draining, SafeHeaders
from incidentlog.gateway.notifying import Webhooks
from incidentlog.gateway.page import routes as pages
from incidentlog.gateway.reviewing import Reviewing
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.tokens import Tokens
from incidentlog.gateway.tracing import Traced
from incidentlog.gateway.watching import Watching
from incidentlog.gateway.writer import Writer
from incidentlog.schemas.registers import Registers

#: FastAPI's own spans and logs would hold readers' addresses, queries, and what was wrong with what was sent.
UNTOLD: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
DESCRIPTION = """Incident claims in, numbers out: always low / best / high, with every claim behind them. Every answer carries
where it stands in the log, how old it is, and how many events were set aside that may touch it."""


def create_app(settings: GatewaySettings, broker: Broker | None = None, registers: Registers | None = None) -> FastAPI:
    """The application. `broker` is for tests, which have theirs in memory; `registers` are those that ship if not given.

    Its parts are at `app.state`: `gateway`, `tokens`, `writer`, `reviewing`, `webhooks` and `watching`; they exist before it
    runs.
    """
    gateway = Gateway(settings, broker, registers)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with gateway, app.state.watching, app.state.writer, app.state.webhooks:
            yield

    app = FastAPI(title="incidentlog", version=version("incidentlog"), summary="Numbers with their claims", description=DESCRIPTION,
                  lifespan=lifespan, telemetry=UNTOLD, docs_url=None, redoc_url=None, redirect_slashes=False)  # fmt: skip
    app.state.gateway = gateway
    app.state.tokens = Tokens.of(settings)
    app.state.writer = Writer(gateway.broker, gateway.topics, gateway.registers, gateway.claims)
    app.state.reviewing = Reviewing(gateway, app.state.writer)
    app.state.webhooks = Webhooks(gateway, webhooks.load(settings.webhooks_file))
    app.state.watching = Watching(gateway, app.state.writer)
    for routes in (pages, write, review, stream, read, operate):  # a stream's address looks like a key's: it goes first
        app.include_router(routes.router)
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Draining, asked=lambda: app.state.watching.draining)
    app.add_middleware(SafeHeaders)
    if gateway.spans is not None:
        app.add_middleware(Traced, spans=gateway.spans)
    app.add_middleware(Counting, requests=app.state.watching.requests)
    return app
