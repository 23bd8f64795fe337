"""The barrier between statements and rows: no row is shown before the statements it was made of were seen.

A statement and the row that it changes are committed together, but they are read apart. Were the row read first, it would
be shown although what it counts is under embargo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress

from incidentlog.client.ports import Broker, Reader, TopicPartition
from incidentlog.gateway.claims import Claims

#: Seconds without anything new, while the log is read: what a killed worker left open is not readable for a while, and
#: nothing that was committed hangs on it.
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
        await self._reached(topic, ends)

    async def _reached(self, topic: str, ends: Mapping[TopicPartition, int]) -> None:
        clock, waiting = asyncio.get_running_loop().time, _Waiting(ends)
        while self._claims.topic == topic and waiting.behind(self._claims.vector, clock()):
            rest = waiting.moved_last + self._longest - clock()
            if rest <= 0 and self._claims.state == "live":
                return  # it reads all there is to read; away, it may miss what was committed long ago
            with suppress(TimeoutError):
                async with asyncio.timeout(max(rest, 0.01)):
                    await self._claims.moved()

    async def _connect(self) -> Reader:
        """A reader that sees ends as they are, also of what is not committed yet: the rest of it may be readable already."""
        self._reader = await self._stack.enter_async_context(self._broker.reader(committed=False))
        await self._reader.partition_counts([self._claims.topic])
        return self._reader

    async def _disconnect(self) -> None:
        self._reader = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()


class _Waiting:
    """Partitions that were not read to their ends yet, and when the last of these moved."""

    def __init__(self, ends: Mapping[TopicPartition, int]) -> None:
        self._ends = {each.partition: end for each, end in ends.items()}
        self._seen: dict[int, int] = {}
        self._moved: dict[int, float] = {}

    def behind(self, vector: Sequence[int], now: float) -> bool:
        """Whether there are any, with the offsets as they are now."""
        self._ends = {partition: end for partition, end in self._ends.items() if vector[partition] < end}
        for partition in self._ends:
            if self._seen.get(partition) != vector[partition]:
                self._seen[partition], self._moved[partition] = vector[partition], now
        return bool(self._ends)

    @property
    def moved_last(self) -> float:
        """When one of them moved last: one that is read slowly is waited for, one that stands still is not."""
        return max(self._moved[partition] for partition in self._ends)


def _heard(round_: asyncio.Task[None]) -> None:
    """Whoever waited hears of an error; if nobody does any more, that is no fault."""
    if not round_.cancelled():
        round_.exception()
