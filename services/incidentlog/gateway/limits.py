"""Limits of what a gateway serves at once, and what goes with every answer to keep browsers out of trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from incidentlog.gateway.errors import Stopping, TooBusy
from incidentlog.gateway.problems import answer

#: What is answered to the end.
HEALTH = frozenset({"/healthz", "/livez", "/readyz", "/metrics"})
#: Nothing is loaded from elsewhere, nothing framed, and no address of ours told to others.
SECURITY = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


class Streams:
    """The open streams: at most `limit`, all ended by `close`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: set[asyncio.Task[object]] = set()
        self._closed = False
        self.rows = self.coalesced = 0
        """Rows sent, and changes not sent since a newer one of the same row was; once for each reader."""

    def __len__(self) -> int:
        return len(self._open)

    def check(self) -> None:
        """TooBusy if no further one may be opened."""
        if self._closed or len(self._open) >= self._limit:
            raise TooBusy("streams", self._limit)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A stream, for as long as what is inside runs."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if not self._closed:
                raise
            task.uncancel()
        finally:
            self._open.discard(task)

    def close(self) -> None:
        """End all, and let none begin."""
        self._closed = True
        for task in self._open:
            task.cancel()


class Draining:
    """Lets no request begin once `asked` says so; those under way are finished. Whoever asks for health is answered."""

    def __init__(self, app: ASGIApp, asked: Callable[[], bool]) -> None:
        self._app, self._asked = app, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] == "http" and self._asked() and scope["path"] not in HEALTH:
            await answer(Stopping())(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class SafeHeaders:
    """Adds the headers above to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
