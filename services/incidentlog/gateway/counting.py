"""Counting requests: by route as it is written down, so that there are only so many names, and by status."""

from __future__ import annotations

import time
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from incidentlog.observing.buckets import Buckets

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
#: What no route takes, and what was refused before there was a route: a head that is too large, say.
NO_ROUTE, NO_HEAD = "none", "head"


class Requests:
    """The requests of one gateway."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, str, int]] = Counter()
        """Requests by method, route and status."""
        self.refused: Counter[int] = Counter()
        """Connections that were answered without the application, by status."""
        self.seconds: dict[str, Buckets] = {}
        """Time until an answer began, by route."""
        self.under_way = 0


class Counting:
    """Counts what the application inside answers."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app, self._requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        requests, began = self._requests, time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", NO_ROUTE)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                requests.answered[method, route, message["status"]] += 1
                requests.seconds.setdefault(route, Buckets()).observe(time.perf_counter() - began)
            await send(message)

        requests.under_way += 1
        try:
            await self._app(scope, receive, counted)
        finally:
            requests.under_way -= 1
