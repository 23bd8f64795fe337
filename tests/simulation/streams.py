"""The stream that a stage iterates over, as Faust's: it skips what was fetched before a rebalance."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from simulation.app import App


class Event:
    """A chunk on its way."""

    __slots__ = ("_consumer", "message", "value")

    def __init__(self, message: Any, consumer: Any) -> None:
        self.message, self.value, self._consumer = message, message.value, consumer

    def ack(self) -> None:
        self.message.ack(self._consumer)


class Stream(AsyncIterator[Event]):
    """Faust's stream in Python acknowledges what it skips, the compiled one does not: a run has one or the other."""

    def __init__(self, app: App, queue: asyncio.Queue[Event]) -> None:
        self._app, self._queue = app, queue

    def noack(self) -> Self:
        return self

    def events(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        app = self._app
        while True:
            event = await self._queue.get()
            message = event.message
            if app.flow_control.is_active() and message.generation_id == app.consumer_generation_id:
                message.tracked = True
                app.consumer._unacked_messages.add(message)
                return event
            if not app.broker.compiled:
                event.ack()
