"""The claims behind a number, kept up to date: which are counted in low, and which in best alone, both by id."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable

from incidentlog.projections.entry import Entry
from incidentlog.projections.estimate import NAMED


class Counted:
    """Ids of counted claims, sorted. What is counted in best alone is kept apart: where low lifts best it is not counted."""

    __slots__ = ("_known", "_named", "in_best", "in_low")

    def __init__(self) -> None:
        self.in_low: list[str] = []
        self.in_best: list[str] = []
        self._known: list[str] = []
        self._named: tuple[str, ...] = ()

    def low(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Apply a change of the windows counted in low."""
        for entry in gone:
            self._move(entry, in_low=False, in_best=entry.in_best)
        for entry in came:
            self._move(entry, in_low=True, in_best=entry.in_best)

    def best(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Apply a change of the statements counted in best."""
        for entry in gone:
            self._move(entry, in_low=entry.in_low, in_best=False)
        for entry in came:
            self._move(entry, in_low=entry.in_low, in_best=True)

    def _move(self, entry: Entry, *, in_low: bool, in_best: bool) -> None:
        before = self._list(entry)
        entry.in_low, entry.in_best = in_low, in_best
        after = self._list(entry)
        if before is after:
            return
        for name in (entry.id,) if entry.wordings is None else entry.ids:
            if before is not None:
                del before[bisect_left(before, name)]
            if after is not None:
                insort(after, name)

    def _list(self, entry: Entry) -> list[str] | None:
        if entry.in_low:
            return self.in_low
        return self.in_best if entry.in_best else None

    def named(self, ref_of: Callable[[str], str], *, low_alone: bool) -> tuple[str, ...]:
        """Refs of the first claims by id."""
        first = self.in_low[:NAMED]
        if self.in_best and not low_alone:
            first = sorted(first + self.in_best[:NAMED])[:NAMED]
        if first != self._known:
            self._known, self._named = first, tuple([ref_of(name) for name in first])
        return self._named

    def total(self, *, low_alone: bool) -> int:
        """How many claims are counted."""
        return len(self.in_low) + (0 if low_alone else len(self.in_best))
