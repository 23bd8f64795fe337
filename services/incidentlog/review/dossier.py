"""What the log has of a claim under review: the claim, everything said about it, and what its numbers are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from incidentlog.client.ports import Broker, Reader, Record, TopicPartition
from incidentlog.client.reading import read_all
from incidentlog.projections.effects import measures_beside
from incidentlog.projections.events import Events
from incidentlog.review.errors import NoSuchClaim
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.codec import decode
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.statements import CLAIM, Statement
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


async def dossier(broker: Broker, topics: Topics, registers: Registers, name: str, cell: str = "") -> Dossier:
    """The dossier of what `name` calls: an id or its beginning, else a claim's ref; `cell` narrows where it is looked for.

    Read from the events themselves, since workers may not have come so far. NoSuchClaim unless exactly one is meant.
    """
    async with broker.reader() as reader:
        found = Dossier(await _subject(reader, topics, name, cell))
        wanted = measures_beside(found.subject.cell)
        types = {registers.measures[each].event_type for each in wanted if each in registers.measures}
        where = [topics.events(each) for each in sorted({found.subject.home, *types})]
        async for at, statement, record in _checked(reader, topics, where):
            if at.measure in wanted:
                found.statements.append((at, statement))
            if statement.verb != CLAIM and at == found.subject.cell and statement.id not in found.raw:
                found.about.add(statement)
                found.raw[statement.id] = record.value or b""
    return found


async def _subject(reader: Reader, topics: Topics, name: str, cell: str) -> Event:
    """The one event that is called so."""
    meant: dict[str, Event] = {}
    where = [*topics.counted, *topics.official]
    async for _, statement, record in _checked(reader, topics, where, cell, name.encode()):
        long_enough = len(name) >= _SHORTEST and statement.id.startswith(name)
        if long_enough or (statement.verb == CLAIM and statement.ref == name):
            event = decode(record.value or b"")
            held = meant.get(event.id)
            if held is None or (event.recorded or "") < (held.recorded or ""):
                meant[event.id] = event
    exact = meant.get(name)
    chosen = [exact] if exact is not None else list(meant.values())
    if len(chosen) != 1:
        raise NoSuchClaim(name, cell, sorted((str(each.cell), each.id) for each in chosen))
    return chosen[0]


async def _checked(
    reader: Reader, topics: Topics, names: Iterable[str], cell: str = "", holding: bytes = b""
) -> AsyncIterator[tuple[Cell, Statement, Record]]:
    """What the workers would fold of these topics, of one `cell` if given, of records that hold these bytes."""
    counts = await reader.partition_counts(names)
    where = [TopicPartition(name, number) for name, count in counts.items() for number in range(count)]
    key = cell.encode()
    if cell:
        where = [each for each in where if each.partition == partition_of(key, counts[each.topic])]
    checks = {each: Checked(topics, each.partition, counts[each.topic]) for each in where}
    async for chunk in read_all(reader, where):
        check = checks[TopicPartition(chunk[0].topic, chunk[0].partition)] if chunk else None
        for record in chunk:
            if check is None or (cell and record.key != key) or holding not in (record.value or b""):
                continue
            with suppress(Refused):
                at, statement = check.read(record.topic, record)
                yield at, statement, record
