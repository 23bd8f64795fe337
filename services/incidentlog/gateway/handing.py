"""Handing out a projection in another format than the JSON of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import Request
from starlette.responses import Response

from incidentlog.gateway import caching, feeds, files
from incidentlog.gateway.answers import Answers
from incidentlog.gateway.choosing import Filter, Page
from incidentlog.gateway.formats import MEDIA_TYPES, Format
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.views import RowsAnswer

_MAKERS: Mapping[Format, Callable[[GatewaySettings, RowsAnswer], bytes]] = {
    "csv": files.csv,
    "jsonl": files.json_lines,
    "jsonld": files.json_ld,
    "atom": feeds.atom,
}


def hand_out(request: Request, answers: Answers, projection: str, wanted: Filter, chosen: Format) -> Response:
    """All rows that pass, as a file; a reader that has it already is told so."""
    tag = caching.etag(request, answers, projection)
    if caching.known(request, tag):
        return caching.unchanged(answers, tag)
    settings = answers.gateway.settings
    body = _MAKERS[chosen](settings, answers.numbers(projection, wanted, Page()))
    headers = caching.headers(answers, tag) | {"link": f'<{settings.licence}>; rel="license"'}
    if chosen in ("csv", "jsonl"):
        headers["content-disposition"] = f'attachment; filename="{projection}.{chosen}"'
    media_type = MEDIA_TYPES[chosen] + ("; charset=utf-8" if chosen in ("csv", "atom") else "")
    return Response(body, 200, headers, media_type)
