"""The routes for whoever runs it: is it alive, is it ready, and what does it count."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response

from incidentlog.gateway.access import Granted, ViewOf
from incidentlog.gateway.tokens import require
from incidentlog.gateway.watching import Watching
from incidentlog.observing.families import registry
from incidentlog.observing.health import JSON

#: Not in the OpenAPI document: who reads numbers has no use for them.
router = APIRouter(include_in_schema=False)


def _told(request: Request, *, ready: bool) -> Response:
    watching: Watching = request.app.state.watching
    status, body = watching.health().answer(ready=ready)
    return Response(body, status, {"cache-control": "no-store"}, JSON)


@router.get("/livez")
async def livez(request: Request) -> Response:
    """Whether it is alive: else it should be started anew."""
    return _told(request, ready=False)


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Whether it should be sent requests: it has read everything, and goes on reading."""
    return _told(request, ready=True)


@router.get("/metrics")
async def metrics(request: Request, grant: Granted, _noted: ViewOf) -> Response:
    """What it counts, for Prometheus. Who asks how many come, and how far the log is, is let in as who may see everything."""
    require(grant.scopes, "read:full", sent="authorization" in request.headers)
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    watching: Watching = request.app.state.watching
    return Response(encode(registry(watching.metrics)), 200, {"cache-control": "no-store", "content-type": kind})
