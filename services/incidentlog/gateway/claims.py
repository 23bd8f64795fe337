"""The claims behind the numbers, in memory as they are on the topic of statements, decoded when asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import orjson

from incidentlog.client.ports import Broker, Record
from incidentlog.gateway.following import Follower
from incidentlog.projections.disclosure import opening
from incidentlog.schemas import records
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics

#: In the value of a statement of which the public learns later.
_EMBARGO = b"embargo_until"


class Claims(Follower):
    """Follows the statements of the live version, and the paraphrases; `await run()` forever."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        super().__init__(broker, topics, lambda each: each.statements)
        self._notes = Notes(broker, topics)
        self._sets: dict[str, dict[str, bytes]] = {}
        self._cells: dict[str, str] = {}
        self._watched: set[str] = set()
        self.listeners: list[Callable[[str], None]] = []
        """Hear of a change, once it is live, in a cell in which something is, or was, under embargo; "" is any of them."""

    def of(self, cell: str) -> list[Statement]:
        """The set of one cell (`rescued/VNM/KHM`), copies under one id included."""
        return [records.load(value) for value in self._sets.get(cell, {}).values()]

    def size(self, cell: str) -> int:
        """How many statements a cell has."""
        return len(self._sets.get(cell, ()))

    def cell_of(self, claim: str) -> str | None:
        """The cell of a claim, or of an event about one, by its id."""
        return self._cells.get(claim)

    def notes(self, claims: Iterable[str]) -> dict[str, str]:
        """The paraphrases of claims by id."""
        return {claim: note for claim in claims if (note := self._notes.text(claim))}

    def holds(self, cell: str, today: date) -> bool:
        """Whether something in a cell is not public yet."""
        return opening(self.of(cell), today) is not None

    def embargoed(self, today: date) -> set[str]:
        """The cells in which something is not public yet."""
        return {cell for cell in self._watched if self.holds(cell, today)}

    def take(self, record: Record) -> None:
        """Take in one further statement."""
        cell, _, name = (record.key or b"").decode(errors="replace").partition("#")
        if record.value is None:
            self._sets.get(cell, {}).pop(name, None)
        else:
            self._sets.setdefault(cell, {})[name] = record.value
            self._cells[name.partition("#")[0]] = cell
            if _EMBARGO in record.value:
                self._watched.add(cell)
        if cell in self._watched and self.caught_up:
            for listener in self.listeners:
                listener(cell)

    def replace(self, records: Sequence[Record]) -> None:
        """All sets are others now."""
        self._sets, self._cells = {}, {}
        for record in records:
            self.take(record)
        for listener in self.listeners:
            listener("")

    @property
    def caught_up(self) -> bool:
        """Whether both were live once."""
        return super().caught_up and self._notes.caught_up

    async def ready(self) -> None:
        """Wait until it was live once."""
        await asyncio.gather(super().ready(), self._notes.ready())

    async def run(self) -> None:
        """Follow both."""
        async with asyncio.TaskGroup() as group:
            group.create_task(super().run())
            group.create_task(self._notes.run())


class Notes(Follower):
    """Follows the paraphrases, which no version has for itself."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        super().__init__(broker, topics, lambda each: each.notes, topics.version)
        self._notes: dict[str, bytes] = {}

    def text(self, claim: str) -> str | None:
        """The paraphrase of a claim."""
        value = self._notes.get(claim)
        return None if value is None else orjson.loads(value)["note"]

    def take(self, record: Record) -> None:
        """Take in one further paraphrase, or the erasure of one."""
        claim = (record.key or b"").decode(errors="replace")
        if record.value is None:
            self._notes.pop(claim, None)
        else:
            self._notes[claim] = record.value

    def replace(self, records: Sequence[Record]) -> None:
        """Begin anew."""
        self._notes = {}
        for record in records:
            self.take(record)
