"""The barrier between statements and rows: no row is shown before the statements it was made of were seen.

A statement and the row that it changes are committed together, but they are read apart. Were the row read first, it would
be shown although what it counts is under embargo.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

from incidentlog.client.ports import Broker, Reader, TopicPartition
from incidentlog.gateway.claims import Claims

#: What a killed worker left open is not readable for a while, and nothing that was committed hangs on it.
LONGEST = 1.0


class Barrier:
    """Lets rows through once everything that was appended to the statements before they came has been read.

    Those who come while the log is asked wait for the next answer, so that it is asked once for all of them.
    """

    def __init__(self, broker: Broker, claims: Claims, longest: float = LONGEST) -> None:
        self._broker, self._claims, self._longest = broker, claims, longest
        self._stack = AsyncExitStack()
        self._reader: Reader | None = None
        self._now: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def passed(self) -> None:
        """Wait; while the claims are read for the first time nothing is shown anyway. BrokerUnreachable if it is away."""
        if not self._claims.caught_up:
            return
        if self._next is None:
            if self._now is None or self._now.done():
                mine = self._now = asyncio.ensure_future(self._round())
            else:
                mine = self._next = asyncio.ensure_future(self._after(self._now))
            mine.add_done_callback(_heard)
        else:  # has not asked yet
            mine = self._next
        await asyncio.shield(mine)

    async def close(self) -> None:
        """Let go of the connection."""
        for task in (self._now, self._next):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        await self._disconnect()

    async def _after(self, before: asyncio.Task[None]) -> None:
        await asyncio.wait([before])
        self._now, self._next = self._next, None
        await self._round()

    async def _round(self) -> None:
        topic = self._claims.topic
        try:
            reader = self._reader or await self._connect()
            partitions = [TopicPartition(topic, number) for number in range(len(self._claims.vector))]
            ends = await reader.end_offsets(partitions)
        except BaseException:
            await self._disconnect()
            raise
        with suppress(TimeoutError):
            async with asyncio.timeout(self._longest):
                while self._claims.topic == topic and self._behind(ends):
                    await self._claims.moved()

    def _behind(self, ends: dict[TopicPartition, int]) -> bool:
        return any(self._claims.vector[each.partition] < end for each, end in ends.items())

    async def _connect(self) -> Reader:
        """A reader that sees ends as they are, also of what is not committed yet: the rest of it may be readable already."""
        self._reader = await self._stack.enter_async_context(self._broker.reader(committed=False))
        await self._reader.partition_counts([self._claims.topic])
        return self._reader

    async def _disconnect(self) -> None:
        self._reader = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()


def _heard(round_: asyncio.Task[None]) -> None:
    """Whoever waited hears of an error; if nobody does any more, that is no fault."""
    if not round_.cancelled():
        round_.exception()
