"""The routes for whoever runs it: is it alive, is it ready, and what does it count."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response

from incidentlog.gateway.access import Granted, ViewOf
from incidentlog.gateway.openapi import problems
from incidentlog.gateway.tokens import require
from incidentlog.gateway.watching import Watching
from incidentlog.observing.families import registry
from incidentlog.observing.health import JSON

router = APIRouter(tags=["operate"])
_BODY: dict[int | str, dict[str, Any]] = {
    200: {"content": {JSON: {}}},
    503: {"description": "It is not; `why` says what is the matter"},
}


def _told(request: Request, *, ready: bool) -> Response:
    watching: Watching = request.app.state.watching
    status, body = watching.health().answer(ready=ready)
    return Response(body, status, {"cache-control": "no-store"}, JSON)


@router.get("/livez", responses=_BODY, response_class=Response)
async def livez(request: Request) -> Response:
    """Whether it is alive: else it should be started anew."""
    return _told(request, ready=False)


@router.get("/readyz", responses=_BODY, response_class=Response)
async def readyz(request: Request) -> Response:
    """Whether it should be sent requests: it has read everything, and goes on reading."""
    return _told(request, ready=True)


@router.get("/metrics", responses=problems(401, 403) | {200: {"content": {"text/plain": {}}}}, response_class=Response)
async def metrics(request: Request, grant: Granted, _noted: ViewOf) -> Response:
    """What it counts, for Prometheus. Who asks how many come, and how far the log is, is let in as who may see everything."""
    require(grant.scopes, "read:full", sent="authorization" in request.headers)
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    watching: Watching = request.app.state.watching
    return Response(encode(registry(watching.metrics)), 200, {"cache-control": "no-store", "content-type": kind})
