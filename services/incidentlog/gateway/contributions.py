"""What cells contribute to the roll-ups, as workers wrote it: read when a review first needs it, and read on from there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from incidentlog.client.ports import Reader, Record, TopicPartition
from incidentlog.client.reading import read_to_end
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics


class Contributions:
    """The newest contribution under each key, as bytes: what a verdict does to a roll-up is then worked out without folding
    any cell but its own. For one task at a time."""

    def __init__(self) -> None:
        self._topic = ""
        self._ends: dict[TopicPartition, int] = {}
        self._held: dict[str, dict[bytes, bytes]] = {}

    def of(self, rollups: Iterable[str]) -> list[bytes]:
        """Those to these roll-ups."""
        return [value for name in rollups for value in self._held.get(name, {}).values()]

    async def read(self, reader: Reader, topics: Topics, rollups: Sequence[str]) -> None:
        """Read the contributions of a version to these roll-ups to their end: all of a roll-up are on one partition."""
        if topics.contributions != self._topic:
            self._topic, self._ends, self._held = topics.contributions, {}, {}
        if not rollups:
            return
        counts = await reader.partition_counts([self._topic])
        where = {TopicPartition(self._topic, partition_of(name.encode(), counts[self._topic])) for name in rollups}
        firsts, ends = await reader.start_offsets(where), await reader.end_offsets(where)
        if any(ends[each] < self._ends.get(each, 0) for each in where):  # the topic was made anew
            self._ends, self._held = {}, {}
        starts = {each: max(firsts[each], self._ends.get(each, 0)) for each in where}
        async for chunk in read_to_end(reader, starts, ends):
            self._take(chunk)
            await asyncio.sleep(0)  # others have their turn
        self._ends |= ends

    def _take(self, records: Sequence[Record]) -> None:
        for record in records:
            key = record.key or b""
            held = self._held.setdefault(key.partition(b"|")[0].decode(errors="replace"), {})
            if record.value is None:
                held.pop(key, None)
            else:
                held[key] = record.value
