"""The open letters as they stand: letters and marks in, in any order and any number of times; counts out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from incidentlog.client.ports import Record
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.quarantine.letters import Letter, letter
from incidentlog.quarantine.touching import Reach, reach_of
from incidentlog.schemas import words
from incidentlog.schemas.cells import cell_of
from incidentlog.schemas.dead_letters import decode_redriven
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.rows import ESTIMATES
from incidentlog.schemas.topics import Topics

#: Of one letter: how far it reaches, and why it was refused.
_Open = tuple[Reach, str]


class Standing:
    """How many open letters may touch a number, in as little time however many there are. `revision` grows with every change; of
    letters themselves it keeps nothing but how far they reach and why they were refused."""

    def __init__(self, topics: Topics, registers: Registers, found: Iterable[Letter] = ()) -> None:
        self._topics, self._registers = topics, registers
        self._letters: dict[str, _Open] = {}
        self._done: set[str] = set()
        self._reasons: Counter[str] = Counter()
        #: By projection, the open letters that may touch any row of it, those among them that name no cell, and that may touch
        #: every row; by key, those that may touch what it names.
        self._touching, self._vague, self._anywhere = Counter[str](), Counter[str](), Counter[str]()
        self._keyed: dict[str, Counter[str]] = {name: Counter() for name in PROJECTIONS}
        #: Those that name no cell by measure, and those of which not even that is known.
        self._measured: Counter[str] = Counter()
        self._unknown = 0
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
        for reach, reason in (each for name, each in self._letters.items() if name not in self._done):
            self._count(reach, reason, -1)
        self.revision += bool(self._letters)
        self._letters.clear()

    def touching(self, projection: str, key: str | None = None) -> int:
        """How many may touch a row of a projection, or any of its rows."""
        if key is None:
            return self._touching[projection]
        return (
            self._anywhere[projection]
            + self._keyed[projection][_place(projection, key)]
            + self._told_of(projection, key)
        )

    def vague(self, projection: str, key: str | None = None) -> int:
        """How many of these name no cell, so that nobody can tell where they belong."""
        if key is None:
            return self._vague[projection]
        return self._unknown + self._told_of(projection, key) if projection == ESTIMATES else self._vague[projection]

    def keys(self, projection: str) -> list[str] | None:
        """The keys of all rows of a projection that any may touch; None where that may be any row."""
        if self._anywhere[projection] or (projection == ESTIMATES and self._vague[projection]):
            return None
        return sorted(self._keyed[projection])

    @property
    def open(self) -> int:
        """How many are open."""
        return self._reasons.total()

    @property
    def done(self) -> int:
        """How many were redriven."""
        return len(self._letters) - self.open

    def reasons(self) -> dict[str, int]:
        """How many are open, by why they were refused."""
        return dict(sorted(self._reasons.items()))

    def _told_of(self, projection: str, key: str) -> int:
        """Those that name no cell, but may touch every estimate of the key's measure."""
        return self._measured[key.partition("/")[0]] if projection == ESTIMATES else 0

    def _change(self, name: str, by: int) -> None:
        one = self._letters.get(name)
        if one is not None and by:
            self._count(*one, by)
            self.revision += 1

    def _count(self, reach: Reach, reason: str, by: int) -> None:
        _add(self._reasons, reason, by)
        self._unknown += by if reach.unknown else 0
        for projection in PROJECTIONS:
            if not reach.touches(projection):
                continue
            _add(self._touching, projection, by)
            if not reach.cells:
                _add(self._vague, projection, by)
            keys = reach.keys(projection)
            if keys is not None:
                for key in keys:
                    _add(self._keyed[projection], key, by)
            elif projection != ESTIMATES or reach.unknown:
                _add(self._anywhere, projection, by)
        for measure in reach.measures:
            _add(self._measured, measure, by)


def _add(counts: Counter[str], name: str, by: int) -> None:
    """What comes to nothing leaves no trace."""
    counts[name] += by
    if not counts[name]:
        del counts[name]


def _place(projection: str, key: str) -> str:
    """As what a letter names the row of a key: a cell for all its estimates, a country for all its places."""
    if projection == ESTIMATES:
        return cell_of(key)
    return words.country(key) if projection.endswith("-by-place") else key
