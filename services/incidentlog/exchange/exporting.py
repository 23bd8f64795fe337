"""Exporting: the events of the log in the order in which they were appended, or the rows of a projection as they are now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from incidentlog.client import History, Subscriber
from incidentlog.client.ports import Broker, Record, TopicPartition
from incidentlog.exchange.about import About
from incidentlog.exchange.files import appearing, digest, write_sums
from incidentlog.exchange.formats import SEALED, write_rows, writer
from incidentlog.schemas import records
from incidentlog.schemas.statements import BY_KEY, CLAIM, CORRECTION, REDACTION, Statement
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused
from incidentlog.worker.reading import Reader

#: Records between two times that `heard` is told how far it is.
_STEP = 1_000
#: Hears how many records were read, of so many.
Heard = Callable[[int, int], None]
Offsets = Mapping[TopicPartition, int]


class Written(NamedTuple):
    """An export that is on disk: how many rows or events it has, what it says of itself, the sha256 of the file."""

    rows: int
    about: About | None
    sha256: str


async def export_events(
    broker: str | Broker, topics: Topics, path: Path, *, notes: bool = False, heard: Heard = lambda _done, _total: None
) -> Written:
    """Write the events that the folds take, each byte for byte, up to where the log ends now; `path` says the format.

    Paraphrases are written only with `notes`: what a redaction erases from the log stays in every file that has it. Those that
    were erased before, and those whose redaction is among the events, are in no export. Dead letters are not either.
    """
    about = About()
    with appearing(path) as stream:
        async with History(broker, topics=topics) as history:
            starts, ends = await history.bounds()
            about.positions = _positions(ends)
            texts = await _Texts.read(history, ends) if notes else _Texts({}, set())
            events, taken = writer(path.suffix.lower(), stream, about), _Taken(topics, ends)
            total, done = sum(ends[each] - starts[each] for each in ends), 0
            async for record in history.records(end=ends):
                done += 1
                if done % _STEP == 0:
                    heard(done, total)
                    await asyncio.sleep(0)  # so that a signal is heard
                statement = taken.read(record)
                if statement is None or record.value is None:
                    about.left_out += 1
                    continue
                envelope, note = orjson.loads(record.value), texts.of(statement)
                about.count(envelope["type"], note)
                events.add(record.value, envelope, note)
            events.close()
        heard(total, total)
        sha256 = digest(stream)
    if path.suffix.lower() not in SEALED:
        write_sums(path, sha256)
    return Written(about.events, about, sha256)


async def export_rows(
    broker: str | Broker,
    topics: Topics,
    projection: str,
    path: Path,
    *,
    version: str | None = None,
    letters: Callable[[str], int] | None = None,
) -> Written:
    """Write the rows of the version that is live, or of `version`, by key; their checksum goes into a file beside.

    `letters` says how many dead letters may touch the row of a key; without, it is left open.
    """
    async with Subscriber(broker, projection, topics=topics, version=version) as subscriber:
        rows = await subscriber.snapshot()
    with appearing(path) as stream:
        counted = ({**rows[key], **({"dead_letters": letters(key)} if letters else {})} for key in sorted(rows))
        write_rows(path.suffix.lower(), stream, projection, counted)
        sha256 = digest(stream)
    write_sums(path, sha256)
    return Written(len(rows), None, sha256)


class _Taken:
    """Tells the events that the folds take from what they refuse."""

    def __init__(self, topics: Topics, partitions: Offsets) -> None:
        self._topics, self._count = topics, 1 + max(each.partition for each in partitions)
        self._readers: dict[int, Reader] = {}

    def read(self, record: Record) -> Statement | None:
        """What the event in a record says; None if the record is none."""
        reader = self._readers.get(record.partition)
        if reader is None:
            reader = self._readers[record.partition] = Reader(self._topics, record.partition, self._count)
        try:
            return reader.read(record.topic, record)[1]
        except Refused:
            return None


class _Texts(NamedTuple):
    """The paraphrases that go into an export, each with the first event that has it."""

    notes: dict[str, str]
    redacted: set[str]

    @classmethod
    async def read(cls, history: History, ends: Offsets) -> _Texts:
        """All there are. Between a redaction and its note's erasure a moment passes, so redactions are looked for."""
        redacted = set()
        async for record in history.records(end=ends):
            if record.value is not None and b"ClaimRedacted" in record.value:
                redacted |= _redacts(record.value)
        return cls(await history.notes(), redacted)

    def of(self, statement: Statement) -> str | None:
        """The paraphrase that goes with an event; it is not given again."""
        if not self.notes or statement.verb not in (CLAIM, CORRECTION):
            return None
        claim = statement.id if statement.target.startswith(BY_KEY) else statement.target or statement.id
        note = self.notes.pop(claim, None)
        key = statement.content.statement_key if statement.content else ""
        return note if self.redacted.isdisjoint((claim, BY_KEY + key)) else None


def _redacts(value: bytes) -> set[str]:
    """What the redaction in a record names."""
    try:
        _, _, statement = records.read(orjson.loads(value))
    except Exception:  # noqa: BLE001 - whatever it is, it is no redaction
        return set()
    return {statement.target} if statement.verb == REDACTION else set()


def starts_after(about: About) -> dict[TopicPartition, int]:
    """Where to go on reading after an export (`History.events(start=…)`); partitions that are not named, at their start."""
    named = about.positions.items()
    return {TopicPartition(topic, number): end for topic, ends in named for number, end in enumerate(ends)}


def _positions(ends: Offsets) -> dict[str, list[int]]:
    """The ends of each topic's partitions, of those that hold anything."""
    found: dict[str, Any] = {}
    for (topic, _), end in sorted(ends.items()):
        found.setdefault(topic, []).append(end)
    return {topic: offsets for topic, offsets in found.items() if any(offsets)}
