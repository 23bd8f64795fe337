"""Which version of the projections is live, as the topic of versions tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from incidentlog.client.errors import BadRecord, TopicMissing
from incidentlog.client.ports import Position, Reader, Record, TopicPartition
from incidentlog.client.reading import read_to_end
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import FIRST, LIVE, Kept, decode_kept, decode_live


class Live(NamedTuple):
    """The version that was promoted last (None: none was), and where to follow promotions from (None: no such topic)."""

    version: str | None
    position: int | None


@dataclass(slots=True)
class Told:
    """What the topic of versions says: which one is live, and how others are kept, by name."""

    live: str = FIRST
    kept: dict[str, Kept] = field(default_factory=dict)

    def take(self, records: Sequence[Record]) -> None:
        """Take in further records of the topic."""
        self.live = promoted(records) or self.live
        for record in records:
            if record.key is None or record.key == LIVE:
                continue
            if record.value is None:
                self.kept.pop(record.key.decode(), None)
            else:
                self.kept[record.key.decode()] = decode_kept(record.value)


async def live_topics(reader: Reader, topics: Topics, version: str | None = None) -> Topics:
    """The topics of `version`, else of the one that is live; as they are given where none was ever promoted."""
    return replace(topics, version=version or (await live(reader, topics)).version or topics.version)


async def live(reader: Reader, topics: Topics) -> Live:
    """Which version is live now."""
    records, end = await _records(reader, topics)
    return Live(promoted(records), end)


async def told(reader: Reader, topics: Topics) -> Told:
    """What the topic of versions says now."""
    found = Told()
    found.take((await _records(reader, topics))[0])
    return found


async def _records(reader: Reader, topics: Topics) -> tuple[list[Record], int | None]:
    """All records of the topic, and its end; none and None if there is no such topic."""
    where = TopicPartition(topics.versions, 0)
    try:
        await reader.partition_counts([topics.versions])
    except TopicMissing:
        return [], None
    starts, ends = await reader.start_offsets([where]), await reader.end_offsets([where])
    return [record async for chunk in read_to_end(reader, starts, ends) for record in chunk], ends[where]


def promoted(records: Iterable[Record]) -> str | None:
    """The version that the last promotion among records of the topic makes live; None if there is none."""
    version = None
    for record in records:
        if record.key == LIVE and record.value is not None:
            try:
                version = decode_live(record.value)
            except DecodeError as error:
                position = Position(record.topic, record.partition, record.offset)
                raise BadRecord(*position, error.reason, error.detail) from error
    return version
