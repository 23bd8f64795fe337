"""How far the workers of a version are, by what their group has committed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from incidentlog.client.ports import Admin, Reader, TopicPartition
from incidentlog.client.reading import partitions_of, read_to_end
from incidentlog.schemas.topics import Topics

#: At most so many offsets at the end of a partition are markers of transactions that ended together.
_MARKERS = 64
_LOOK_SECONDS = 0.1
Offsets = Mapping[TopicPartition, int]


class Standing(NamedTuple):
    """`total` events in the log, `left` of them not folded; `rolled_up`: all contributions are in the roll-ups."""

    total: int
    left: int
    rolled_up: bool

    @property
    def complete(self) -> bool:
        """Whether the version's rows are all that the events come to."""
        return not self.left and self.rolled_up


async def ends_of(reader: Reader, topics: Topics) -> dict[TopicPartition, int]:
    """Where the event topics end now."""
    return await reader.end_offsets(await partitions_of(reader, [*topics.counted, *topics.official]))


async def standing(
    reader: Reader, admin: Admin, topics: Topics, ends: Offsets | None = None, written: Offsets | None = None
) -> Standing:
    """How far the version of `topics` is: of all events or of those before `ends`, of all contributions or those before
    `written`."""
    committed = await admin.committed(topics.group)
    ends = ends or await ends_of(reader, topics)
    firsts = await reader.start_offsets(ends)
    total = sum(ends[each] - firsts[each] for each in ends)
    left = sum(max(0, end - max(committed.get(each, 0), firsts[each])) for each, end in ends.items())
    return Standing(total, left, not left and await _rolled_up(reader, committed, topics, written))


async def caught_up(reader: Reader, admin: Admin, topics: Topics, seconds: float) -> Standing:
    """How far it is with what is there now, after so many seconds unless it comes to the end of that before.

    Of events that keep coming some are always under way.
    """
    loop = asyncio.get_running_loop()
    until, ends, written = loop.time() + seconds, await ends_of(reader, topics), None
    while True:
        stands = await standing(reader, admin, topics, ends, written)
        if stands.complete or loop.time() >= until:
            return stands
        if not stands.left and written is None:
            written = await _written(reader, topics)
        await asyncio.sleep(_LOOK_SECONDS)


async def _written(reader: Reader, topics: Topics) -> dict[TopicPartition, int]:
    return await reader.end_offsets(await partitions_of(reader, [topics.contributions]))


async def _rolled_up(reader: Reader, committed: Offsets, topics: Topics, written: Offsets | None) -> bool:
    """Whether nothing but markers of transactions is left of the contributions."""
    ends = written or await _written(reader, topics)
    starts = {each: min(committed.get(each, 0), end) for each, end in ends.items()}
    if any(ends[each] - start > _MARKERS for each, start in starts.items()):
        return False
    return not any([len(chunk) async for chunk in read_to_end(reader, starts, ends)])
