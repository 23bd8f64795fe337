"""Server-sent events: a projection's rows as they are, then every change, resumed without gap or repetition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from incidentlog.gateway.depends import AnswersOf, GatewayOf
from incidentlog.gateway.frames import event
from incidentlog.gateway.marks import Mark
from incidentlog.gateway.openapi import problems
from incidentlog.gateway.read import Name
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.showing import Portion, Showing

router = APIRouter(tags=["stream"])
MEDIA_TYPE = "text/event-stream"
RETRY_MILLISECONDS = 1000
_HEARTBEAT = b":\n\n"
_DESCRIPTION = """Server-sent events. `row`: a row that is there or changed. `gone`: one that is no more. `caught-up`: all there was
has been sent. `dead-letters`: how many records that were set aside as unreadable may touch these rows now, and, in `touched`,
how many which row; `caught-up` tells that too. `version`: another version is live, what differs in it was sent before. `reset`: forget what you have, it
cannot be told what you missed; all rows follow. Send the last id as `Last-Event-ID` to go on after it."""

_BEGIN = "As Last-Event-ID, for those who cannot send that header; where both are sent, the header counts"
_OK: dict[int | str, dict[str, Any]] = {200: {"description": _DESCRIPTION, "content": {MEDIA_TYPE: {}}}}


@router.get(
    "/projections/{name}/events",
    responses=_OK | problems(401, 404, 422, 503),
    response_class=Response,
)
async def events(
    gateway: GatewayOf,
    answers: AnswersOf,
    name: Name,
    last_event_id: Annotated[str | None, Header()] = None,
    begin: Annotated[str | None, Query(alias="last_event_id", description=_BEGIN, max_length=4096)] = None,
) -> Response:
    """Follow a projection as server-sent events."""
    return EventStream(gateway, answers.showing(name), last_event_id or begin or "")


class EventStream(Response):
    """One reader: a place in the order of changes. What it does not take in time goes out to it later, each key once."""

    def __init__(self, gateway: Gateway, showing: Showing, last_id: str) -> None:
        gateway.streams.check()
        headers = {"cache-control": "no-store", "x-accel-buffering": "no", "vary": "Authorization"}
        super().__init__(None, 200, headers, MEDIA_TYPE)
        del self.headers["content-length"]
        self._gateway, self._showing, self._last_id = gateway, showing, last_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader goes, or the gateway stops."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async with self._gateway.streams.one(), _until_gone(receive):
                await self._send(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send) -> None:
        text, cursor, news_from = self._beginning()
        showing, caught_up = self._showing, False
        told = self._doubts()
        while True:
            before, portion = cursor, showing.portion(cursor, news_from=news_from)
            self._count(portion, cursor if caught_up else None)
            text, cursor = text + portion.text if text else portion.text, portion.cursor
            if not caught_up and cursor == showing.sequence:
                text, caught_up, told = text + self._caught_up(), True, self._doubts()
            if caught_up and (now := self._doubts()) is not told:
                text, told = text + event("dead-letters", orjson.dumps(now)), now
            if text:
                await send({"type": "http.response.body", "body": text, "more_body": True})
                if showing.traces is not None:
                    showing.traces.sent(before, cursor)
            await showing.changed(cursor)
            text = _HEARTBEAT if showing.sequence == cursor and self._doubts() is told else b""

    def _count(self, portion: Portion, cursor: int | None) -> None:
        """`cursor` is where it was; None: what was before it began was never to be sent."""
        streams = self._gateway.streams
        streams.rows += portion.rows
        if cursor is not None:
            streams.coalesced += portion.cursor - cursor - portion.rows

    def _beginning(self) -> tuple[bytes, int, int]:
        """What is sent first, after which change to go on, and before which what is gone does not matter."""
        retry, showing = f"retry: {RETRY_MILLISECONDS}\n\n".encode(), self._showing
        if not self._last_id:
            return retry, 0, showing.sequence
        mark = Mark.parse(self._last_id)
        known = None if mark is None else showing.resumed(mark)
        if known is None:
            return retry + event("reset", orjson.dumps({"projection": showing.mirror.projection})), 0, showing.sequence
        return retry + known.text, known.cursor, 0

    def _doubts(self) -> dict[str, Any]:
        return self._gateway.doubts.of(self._showing)

    def _caught_up(self) -> bytes:
        showing = self._showing
        told = self._doubts() | {
            "version": showing.mirror.version,
            "position": showing.mirror.position,
            "rows": len(showing.keys),
        }
        return b"id: " + str(showing.mark).encode() + b"\n" + event("caught-up", orjson.dumps(told))


@asynccontextmanager
async def _until_gone(receive: Receive) -> AsyncIterator[None]:
    """End what is inside when the reader has gone."""
    inside = asyncio.current_task()
    assert inside is not None
    gone = asyncio.ensure_future(_disconnected(receive))

    def left(_: asyncio.Future[None]) -> None:
        inside.cancel()

    gone.add_done_callback(left)
    try:
        yield
    except asyncio.CancelledError:
        if not gone.done():
            raise
        inside.uncancel()
    finally:
        gone.remove_done_callback(left)
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
