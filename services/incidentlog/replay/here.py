"""Folding all of history right here, in memory: the numbers of any day, as they were known at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from incidentlog.client import History
from incidentlog.client.ports import TopicPartition
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.project import Projector
from incidentlog.replay.errors import SavedElsewhere
from incidentlog.schemas import records
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused
from incidentlog.worker.reading import Reader

#: Records between two times that `heard` is told how far it is.
_STEP = 1_000
#: Hears how many records were read, of so many.
Heard = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What of history counts: `until` the ordinal of a day and `known` a moment (RFC 3339, UTC) limit the folds, `ends` what is
    read of some partitions; 0, "" and {} do not."""

    until: int = 0
    known: str = ""
    ends: Mapping[TopicPartition, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """A point that was saved: the events before it, as they are in the log, and where the log goes on after them."""

    events: Iterable[bytes] = ()
    positions: Mapping[TopicPartition, int] = field(default_factory=dict)


@dataclass(slots=True)
class Replayed:
    """The rows of every projection, sorted; of how many events, and how many records were no events and would be dead letters."""

    rows: list[Any]
    events: int = 0
    refused: int = 0


BEGINNING = Saved()


async def replay_here(
    bootstrap: str,
    topics: Topics,
    limits: Limits,
    heard: Heard,
    precedence: Precedence = by_default,
    saved: Saved = BEGINNING,
) -> Replayed:
    """What the workers of a version with these limits would come to, were they started now; `saved` is not read again."""
    projector = Projector(precedence, until=limits.until, known=limits.known)
    replayed, readers = Replayed([]), dict[TopicPartition, Reader]()
    for event in saved.events:
        _, cell, statement = records.read(orjson.loads(event))
        projector.add(cell, statement)
        replayed.events += 1
    async with History(bootstrap, topics=topics) as history:
        starts, ends = await history.bounds(start=saved.positions)
        for each, position in saved.positions.items():
            if position > ends.get(each, 0):
                raise SavedElsewhere(*each, position, ends.get(each, 0))
        ends |= {each: min(end, ends[each]) for each, end in limits.ends.items() if each in ends}
        total, done = sum(max(0, ends[each] - starts[each]) for each in ends), 0
        partitions = 1 + max(each.partition for each in ends)
        async for record in history.records(start=starts, end=ends):
            where = TopicPartition(record.topic, record.partition)
            reader = readers.get(where)
            if reader is None:
                reader = readers[where] = Reader(topics, record.partition, partitions)
            try:
                projector.add(*reader.read(record.topic, record))
                replayed.events += 1
            except Refused:
                replayed.refused += 1
            done += 1
            if done % _STEP == 0:
                heard(done, total)
    heard(done, total)
    replayed.rows = projector.rows()
    return replayed
