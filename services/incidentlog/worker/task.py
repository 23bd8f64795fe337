"""A task: one partition number of one stage. Chunks are folded here, and what they changed is stored in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from incidentlog.worker.outbox import Outbox
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.tally import NOBODY, Account
from incidentlog.worker.writer import Writer


class Fold(Protocol):
    """The state of a task."""

    def fold(self, topic: str, chunk: Sequence[Any], /) -> None:
        """Take in records of one partition, in offset order; raises only for a fault of our own."""

    def take(self) -> Outbox:
        """What has changed since the last call, encoded: later folding does not touch it."""


class Task:
    """Folds chunks while the transaction before them is under way, stores at most every so often, acknowledges in order."""

    def __init__(self, fold: Fold, writer: Writer, settings: WorkerSettings, account: Account = NOBODY) -> None:
        self._fold, self._writer, self._settings, self._account = fold, writer, settings, account
        self._folded: list[tuple[Any, int]] = []
        self._waiting = 0
        self._work, self._room, self._soon = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._storing: asyncio.Task[None] | None = None
        self._closed = False

    def open(self, fail: Callable[[BaseException], None]) -> None:
        """Begin to store; `fail` hears of what stops it. What recovery left to be written goes first."""
        self._work.set()
        self._storing = asyncio.create_task(self._store_forever())

        def done(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                fail(error)

        self._storing.add_done_callback(done)

    async def fold(self, event: Any, *, behind: bool) -> None:
        """Fold the chunk that `event` carries, once there is room; `behind`: more is waiting to be read.

        A task that is closed meanwhile leaves it to whoever owns the partition next.
        """
        while self._waiting >= self._settings.waiting and not self._closed:
            self._room.clear()
            self._soon.set()
            await self._room.wait()
        if self._closed:
            return
        self._account.heard(event.message, event.value)
        try:
            with self._account.busy:
                self._fold.fold(event.message.topic, event.value)
        except BaseException:
            self._cancel()  # the state may be half changed and must not be stored
            raise
        self._folded.append((event, len(event.value)))
        self._waiting += len(event.value)
        event.value.clear()  # what is folded need not wait, bytes and all, for its transaction
        if not behind:
            self._soon.set()
        self._work.set()

    @property
    def state(self) -> Fold:
        """What it folds into."""
        return self._fold

    def hurry(self) -> None:
        """Store what is folded as soon as may be, though more is waiting to be read."""
        self._soon.set()

    async def close(self) -> None:
        """Stop storing and let go of the writer."""
        self._closed = True
        self._room.set()
        self._cancel()
        if self._storing is not None:
            await asyncio.wait([self._storing])
        await self._writer.stop()

    def _cancel(self) -> None:
        if self._storing is not None:
            self._storing.cancel()

    async def _store_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while await self._work.wait():
            self._work.clear()
            began = loop.time()
            await self._store()
            await self._pause(began)

    async def _store(self) -> None:
        with self._account.busy:
            outbox = self._fold.take()
        events, self._folded, self._waiting = self._folded, [], 0
        self._room.set()
        self._soon.clear()
        self._account.leaving(outbox)
        if outbox:
            await self._writer.store(outbox)
        self._account.left()
        for event, _ in events:
            event.ack()
        self._account.applied(events)

    async def _pause(self, began: float) -> None:
        """Until the next transaction is due; that is sooner once nothing more waits to be read, or there is no room for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(began + self._settings.every_behind):
                await self._soon.wait()
        await asyncio.sleep(max(0.0, began + self._settings.every - asyncio.get_running_loop().time()))
