"""The end of a trace: a row that was read from the log goes out to readers of streams. And requests, which may begin one."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from incidentlog.client.ports import Headers
from incidentlog.gateway.counting import NO_ROUTE

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

    from incidentlog.observing.spans import Spans

#: Traced rows that wait to be sent, of one projection in one view; and readers of one that are told of.
MOST, READERS = 64, 4
STREAMS = "/events"


class _Row(NamedTuple):
    context: SpanContext
    topic: str
    partition: int
    offset: int
    began: int
    sequence: int
    readers: int = 0


class RowTraces:
    """The traced rows of one showing that are on their way to readers."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans
        self._waiting: deque[_Row] = deque(maxlen=MOST)

    def took(self, place: tuple[str, int, int], headers: Headers, sequence: int) -> None:
        """A row was read from the log, and is shown as this change; it may carry a trace."""
        from incidentlog.observing.spans import carried  # noqa: PLC0415 - only who traces has it

        context = carried(headers)
        if context is not None:
            self._waiting.append(_Row(context, *place, time.time_ns(), sequence))

    def sent(self, before: int, after: int) -> None:
        """A reader has been sent the changes between these."""
        from incidentlog.observing.spans import about  # noqa: PLC0415 - as above

        for _ in range(len(self._waiting)):
            row = self._waiting.popleft()
            if before < row.sequence <= after:
                told = about("process", row.topic, row.partition, messaging__kafka__offset=row.offset)
                self._spans.begin("stream", "process", row.context, began=row.began, about=told).end()
                row = row._replace(readers=row.readers + 1)
            if row.readers < READERS:
                self._waiting.append(row)


class Traced:
    """A span for each request but those for streams, which last; a part of the caller's trace, if it says which."""

    def __init__(self, app: ASGIApp, spans: Spans) -> None:
        self._app, self._spans = app, spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http" or (scope["path"].endswith(STREAMS) and scope["method"] != "POST"):
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import use_span  # noqa: PLC0415 - as above

        from incidentlog.observing.spans import carried  # noqa: PLC0415

        caller = carried((name.decode("latin-1"), value) for name, value in scope["headers"])
        span = self._spans.begin("request", "serve", caller, about={"http.request.method": scope["method"]})

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", NO_ROUTE)
                span.update_name(f"{scope['method']} {route}")
                span.set_attributes({"http.route": route, "http.response.status_code": message["status"]})
            await send(message)

        with use_span(span, end_on_exit=True):
            await self._app(scope, receive, noted)
