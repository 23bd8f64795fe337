"""The open letters as they stand: letters and marks in, in any order and any number of times; counts out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from incidentlog.client.ports import Record
from incidentlog.quarantine.letters import Letter, letter
from incidentlog.quarantine.touching import Reach, reach_of
from incidentlog.schemas.dead_letters import decode_redriven
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

#: Of one letter: how far it reaches, and why it was refused.
_Open = tuple[Reach, str]


class Standing:
    """How many open letters may touch a number. `revision` grows with every change; of letters themselves it keeps nothing but
    how far they reach and why they were refused."""

    def __init__(self, topics: Topics, registers: Registers, found: Iterable[Letter] = ()) -> None:
        self._topics, self._registers = topics, registers
        self._letters: dict[str, _Open] = {}
        self._done: set[str] = set()
        self._open: Counter[_Open] = Counter()
        self._counts: dict[tuple[str, str | None], tuple[int, int]] = {}
        self.revision = 0
        for each in found:
            self.add(each)
            if not each.open:
                self.mark(each.id, done=True)

    def add(self, one: Letter) -> None:
        """A letter; one that was written twice is one."""
        if one.id not in self._letters:
            self._letters[one.id] = reach_of(one, self._topics, self._registers), one.reason
            self._change(one.id, 0 if one.id in self._done else 1)

    def mark(self, name: str, *, done: bool) -> None:
        """A letter was redriven, or it turns out that it was not."""
        if done != (name in self._done):
            (self._done.add if done else self._done.discard)(name)
            self._change(name, -1 if done else 1)

    def take(self, record: Record) -> None:
        """What stands in a record of the dead letters."""
        found = letter(record, {})
        if found is not None:
            self.add(found)

    def take_mark(self, record: Record) -> None:
        """What stands in a record of what became of letters."""
        done = record.value is not None
        if record.value is not None:
            try:
                decode_redriven(record.value)
            except DecodeError:
                return
        self.mark((record.key or b"").decode(errors="replace"), done=done)

    def forget_letters(self) -> None:
        """They are read anew."""
        self._letters.clear()
        self._open.clear()
        self._counts.clear()

    def touching(self, projection: str, key: str | None = None) -> int:
        """How many may touch a row of a projection, or any of its rows."""
        return self._count(projection, key)[0]

    def vague(self, projection: str, key: str | None = None) -> int:
        """How many of these name no cell, so that nobody can tell where they belong."""
        return self._count(projection, key)[1]

    @property
    def open(self) -> int:
        """How many are open."""
        return self._open.total()

    @property
    def done(self) -> int:
        """How many were redriven."""
        return len(self._letters) - self.open

    def reasons(self) -> dict[str, int]:
        """How many are open, by why they were refused."""
        found: Counter[str] = Counter()
        for (_, reason), count in self._open.items():
            found[reason] += count
        return dict(sorted(found.items()))

    def reaches(self) -> list[Reach]:
        """How far those that are open reach, each reach once."""
        return list(dict.fromkeys(reach for reach, _ in self._open))

    def _count(self, projection: str, key: str | None) -> tuple[int, int]:
        found = self._counts.get((projection, key))
        if found is None:
            touching = [(reach, count) for (reach, _), count in self._open.items() if reach.touches(projection, key)]
            found = sum(count for _, count in touching), sum(count for reach, count in touching if not reach.cells)
            self._counts[projection, key] = found
        return found

    def _change(self, name: str, by: int) -> None:
        one = self._letters.get(name)
        if one is None or not by:
            return
        self._open[one] += by
        if not self._open[one]:
            del self._open[one]
        self._counts.clear()
        self.revision += 1
