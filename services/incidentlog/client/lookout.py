"""A lookout: how far something that reads the log is from its end, and since when the first record that it lacks waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress

from incidentlog.client.errors import ClientError
from incidentlog.client.ports import Broker, Reader, TopicPartition
from incidentlog.client.reading import first_timestamps
from incidentlog.observing.trend import Seen

#: Seconds that a broker may take to answer.
PATIENCE = 4.0
#: Bytes fetched of a partition to see its next record, and how many partitions are looked into at once.
_GLANCE, _MOST = 16 << 10, 16
#: So few records before its end, a partition is looked into though it moves.
_FEW = 100
#: In place of an offset: the first there is.
BEGINNING = -1
Places = Mapping[TopicPartition, int]


class Lookout:
    """`look` again and again, from one task; the connection is its own, so that nobody waits for it."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._stack = AsyncExitStack()
        self._reader: Reader | None = None
        self._known: dict[tuple[TopicPartition, int], float] = {}
        self._positions: Places = {}
        self.silent_since: float | None = None
        """Since when nobody answers, by the clock that never jumps; None: somebody does."""

    async def look(
        self, positions: Places, newest: Mapping[TopicPartition, float]
    ) -> dict[TopicPartition, Seen] | None:
        """Each place with where it ends; None if nobody answers. `newest` is when the last record that was taken of it had
        been appended, in seconds since 1970: of one that moves, the next was hardly appended before."""
        try:
            async with asyncio.timeout(PATIENCE):
                reader = await self._opened({each.topic for each in positions})
                positions = await _begun(reader, positions)
                ends = await reader.end_offsets(positions) if positions else {}
                oldest = await self._oldest(reader, positions, ends, newest)
        except (ClientError, OSError, TimeoutError):
            self.silent_since = self.silent_since or time.monotonic()
            await self.close()
            return None
        self.silent_since, self._positions = None, dict(positions)
        return {each: Seen(at, max(at, ends[each]), oldest.get(each)) for each, at in positions.items()}

    async def close(self) -> None:
        """Let go of the connection."""
        self._reader, stack, self._stack = None, self._stack, AsyncExitStack()
        with suppress(ClientError, OSError, TimeoutError):
            await stack.aclose()

    async def _opened(self, topics: Iterable[str]) -> Reader:
        if self._reader is None:
            self._reader = await self._stack.enter_async_context(self._broker.reader(chunk=_GLANCE))
            await self._reader.partition_counts(topics)
        return self._reader

    async def _oldest(
        self, reader: Reader, positions: Places, ends: Places, newest: Mapping[TopicPartition, float]
    ) -> dict[TopicPartition, float]:
        """When the first record between position and end was appended, where there is one.

        Looked up once for each place that stands, and where few are left; while many go by, the last one that was taken
        tells it well enough.
        """
        behind = {each: at for each, at in positions.items() if at < ends[each]}
        self._known = {where: at for where, at in self._known.items() if behind.get(where[0]) == where[1]}
        unknown = {each: at for each, at in behind.items() if (each, at) not in self._known}
        moving = {each for each, at in unknown.items() if each in newest and self._positions.get(each, at) != at}
        rough = {each for each in moving if ends[each] - unknown[each] > _FEW}
        wanted = dict([(each, at) for each, at in unknown.items() if each not in rough][:_MOST])
        found = await first_timestamps(reader, wanted, ends) if wanted else {}
        self._known |= {(each, behind[each]): at / 1000 for each, at in found.items()}
        nothing = wanted.keys() - found.keys()  # but markers of transactions
        return {
            each: self._known.get((each, at), newest.get(each, time.time()))
            for each, at in behind.items()
            if each not in nothing
        }


async def _begun(reader: Reader, positions: Places) -> Places:
    """With first offsets in their place."""
    wanted = [each for each, at in positions.items() if at == BEGINNING]
    return {**positions, **await reader.start_offsets(wanted)} if wanted else positions
