"""What the log has of a claim under review: the claim, everything said about it, and what its numbers are made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from incidentlog.client.ports import Broker, Reader, Record, TopicPartition
from incidentlog.client.reading import read_to_end
from incidentlog.projections.effects import measures_beside
from incidentlog.projections.events import Events
from incidentlog.review.errors import NoSuchClaim
from incidentlog.schemas.about import Target
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.codec import decode
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.statements import CLAIM, REDACTION, Statement
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused
from incidentlog.worker.reading import Reader as Checked

#: An id may be shortened to so many digits: fewer are more likely a label.
_SHORTEST = 8


@dataclass(slots=True)
class Dossier:
    """`subject` is the claim, or the event about a claim, that was named; `statements` are all that its numbers come from.

    `about` are the events about claims in its cell; `raw` are their bytes.
    """

    subject: Event
    statements: list[tuple[Cell, Statement]] = field(default_factory=list)
    about: Events = field(default_factory=lambda: Events(""))
    raw: dict[str, bytes] = field(default_factory=dict)

    def holding(self) -> list[Statement]:
        """The events about the claim that hold, in the order in which they were appended."""
        key = getattr(self.subject.data, "statement_key", "")
        found = [each for each in self.about.of(self.subject.id, key) if self.about.holds(each.id)]
        return sorted(found, key=lambda each: (each.recorded, each.time, each.id))

    def event(self, name: str) -> Event:
        """An event about a claim of the cell, whole."""
        return decode(self.raw[name])

    def redactions(self) -> list[Statement]:
        """Those among `holding` that erased the claim's paraphrase."""
        return [each for each in self.holding() if each.verb == REDACTION]

    def worded(self, target: Target) -> list[str]:
        """The ids of the claims that a target names: one by its id, or all wordings of a statement."""
        if target.id is not None:
            return [target.id]
        said = (
            each for at, each in self.statements if str(at) == target.cell and each.content is not None
            and each.content.statement_key == target.statement_key
        )  # fmt: skip
        return list(dict.fromkeys(each.target or each.id for each in said))

    def take(self, at: Cell, statement: Statement, value: bytes) -> None:
        """File a further statement, and the bytes of its event."""
        self.statements.append((at, statement))
        if statement.verb != CLAIM and at == self.subject.cell and statement.id not in self.raw:
            self.about.add(statement)
            self.raw[statement.id] = value


class Entry(NamedTuple):
    """A statement in the log, the bytes of its event, and where that stands, `TOPIC:PARTITION:OFFSET`."""

    statement: Statement
    value: bytes
    position: str


async def entries_of(reader: Reader, topics: Topics, registers: Registers, cell: Cell) -> list[Entry]:
    """Everything the log has of one cell, in its order: one partition of each topic that may hold it is read."""
    measure = registers.measures.get(cell.measure)
    home = [] if measure is None else [topics.events(measure.event_type)]
    where = topics.official if cell.official else home
    if not where:
        return []
    return [
        Entry(statement, record.value or b"", f"{record.topic}:{record.partition}:{record.offset}")
        async for _, statement, record in checked(reader, topics, where, str(cell))
    ]


def filed(cell: Cell, entries: Iterable[Entry], name: str) -> Dossier:
    """The dossier of what is called `name` among the entries of a cell; what is beside it, it has not."""
    listed, meant = list(entries), dict[str, Event]()
    for each in listed:
        if called(each.statement, name):
            _note(meant, decode(each.value))
    found = Dossier(_only(meant, name, str(cell)))
    for each in listed:
        found.take(cell, each.statement, each.value)
    return found


async def dossier(broker: Broker, topics: Topics, registers: Registers, name: str, cell: str = "") -> Dossier:
    """The dossier of what `name` calls: an id or its beginning, else a claim's ref; `cell` narrows where it is looked for.

    Read from the events themselves, since workers may not have come so far. NoSuchClaim unless exactly one is meant.
    """
    async with broker.reader() as reader:
        found = Dossier(await _subject(reader, topics, name, cell))
        wanted = measures_beside(found.subject.cell)
        types = {registers.measures[each].event_type for each in wanted if each in registers.measures}
        where = [topics.events(each) for each in sorted({found.subject.home, *types})]
        async for at, statement, record in checked(reader, topics, where):
            if at.measure in wanted:
                found.take(at, statement, record.value or b"")
    return found


async def _subject(reader: Reader, topics: Topics, name: str, cell: str) -> Event:
    """The one event that is called so."""
    meant: dict[str, Event] = {}
    where = [*topics.counted, *topics.official]
    async for _, statement, record in checked(reader, topics, where, cell, name.encode()):
        if called(statement, name):
            _note(meant, decode(record.value or b""))
    return _only(meant, name, cell)


def called(statement: Statement, name: str) -> bool:
    """Whether a statement may be called so: by its id, by how that begins, or, a claim, by its ref."""
    long_enough = len(name) >= _SHORTEST and statement.id.startswith(name)
    return long_enough or (statement.verb == CLAIM and statement.ref == name)


def _note(meant: dict[str, Event], event: Event) -> None:
    """Of two copies of an event the first holds."""
    held = meant.get(event.id)
    if held is None or (event.recorded or "") < (held.recorded or ""):
        meant[event.id] = event


def _only(meant: dict[str, Event], name: str, cell: str) -> Event:
    exact = meant.get(name)
    chosen = [exact] if exact is not None else list(meant.values())
    if len(chosen) != 1:
        raise NoSuchClaim(name, cell, sorted((str(each.cell), each.id) for each in chosen))
    return chosen[0]


async def checked(
    reader: Reader,
    topics: Topics,
    names: Iterable[str],
    cell: str = "",
    holding: bytes = b"",
    starts: Mapping[TopicPartition, int] | None = None,
) -> AsyncIterator[tuple[Cell, Statement, Record]]:
    """What the workers would fold of these topics, of one `cell` if given, of records that hold these bytes; of partitions in
    `starts` from there on."""
    counts = await reader.partition_counts(names)
    where = [TopicPartition(name, number) for name, count in counts.items() for number in range(count)]
    key = cell.encode()
    if cell:
        where = [each for each in where if each.partition == partition_of(key, counts[each.topic])]
    checks = {each: Checked(topics, each.partition, counts[each.topic]) for each in where}
    firsts, ends = await reader.start_offsets(where), await reader.end_offsets(where)
    begin = {each: max(first, (starts or {}).get(each, first)) for each, first in firsts.items()}
    async for chunk in read_to_end(reader, begin, ends):
        await asyncio.sleep(0)  # what was fetched ahead comes without a pause: others have their turn
        check = checks[TopicPartition(chunk[0].topic, chunk[0].partition)] if chunk else None
        for record in chunk:
            if check is None or (cell and record.key != key) or holding not in (record.value or b""):
                continue
            with suppress(Refused):
                at, statement = check.read(record.topic, record)
                yield at, statement, record
