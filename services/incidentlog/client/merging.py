"""Several partitions as one sequence: by time of appending, then topic, partition and offset."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Mapping
from heapq import heappop, heappush

from incidentlog.client.ports import Reader, Record, TopicPartition

_PAUSE = 0.1


class Merge:
    """Merges partitions from `starts` to before `ends`; holds at most one fetched chunk of each.

    Within a partition the order of offsets always holds, also where a producer's clock went back: a record then waits for
    those before it. So the sequence depends on the log alone, not on how fast its partitions answer.
    """

    def __init__(
        self, reader: Reader, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> None:
        self._reader, self._ends = reader, ends
        self._starts = {each: start for each, start in starts.items() if start < ends[each]}
        self._unread = set(self._starts)
        self._buffers: dict[TopicPartition, deque[Record]] = {each: deque() for each in self._starts}
        self._heads: list[tuple[int, TopicPartition]] = []

    async def records(self) -> AsyncIterator[Record]:
        """The sequence."""
        self._reader.assign(self._starts)
        await self._fill(set(self._unread))
        while self._heads:
            _time, partition = heappop(self._heads)
            buffer = self._buffers[partition]
            yield buffer.popleft()
            if buffer:
                heappush(self._heads, (buffer[0].timestamp, partition))
            elif partition in self._unread:
                await self._fill({partition})

    async def _fill(self, empty: set[TopicPartition]) -> None:
        """Read on until each of these has a next record or has come to its end."""
        self._reader.resume(empty)
        while empty:
            found = await self._reader.fetch(_PAUSE)
            for partition, records in found.items():
                self._buffers[partition].extend(each for each in records if each.offset < self._ends[partition])
            finished = {each for each in self._unread if await self._reader.position(each) >= self._ends[each]}
            self._unread -= finished
            filled = {each for each in empty if self._buffers[each]}
            for partition in filled:
                heappush(self._heads, (self._buffers[partition][0].timestamp, partition))
            self._reader.pause(filled | finished)
            empty -= filled | finished
