"""The claims behind a number, kept up to date: which are counted in low, and which in best alone, both by id."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from operator import attrgetter

from incidentlog.projections.entry import IN_BEST, IN_LOW, Entry
from incidentlog.projections.estimate import NAMED
from incidentlog.projections.stamp import refs_of

_id = attrgetter("id")


class Counted:
    """Counted statements by first claim, and how many claims that are.

    What is counted in best alone is kept apart: where low lifts best it is not counted.
    """

    __slots__ = ("_low_alone", "_named", "_stale", "best_alone", "claims", "claims_in_low", "in_low")

    def __init__(self) -> None:
        self.in_low: list[Entry] = []
        self.best_alone: list[Entry] = []
        self.claims = self.claims_in_low = 0
        self._named: tuple[str, ...] = ()
        self._stale = self._low_alone = False

    def low(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Apply a change of the windows counted in low."""
        for entry in gone:
            entry.role &= IN_BEST
            self.claims_in_low -= entry.size
            self._take(self.in_low, entry)
            if entry.role:
                self._bring(self.best_alone, entry)
        for entry in came:
            self.claims_in_low += entry.size
            if entry.role & IN_BEST:
                self._take(self.best_alone, entry)
            entry.role |= IN_LOW
            self._bring(self.in_low, entry)

    def best(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Apply a change of the statements counted in best."""
        for entry in gone:
            entry.role &= IN_LOW
            if not entry.role:
                self._take(self.best_alone, entry)
        for entry in came:
            if not entry.role & IN_LOW:
                self._bring(self.best_alone, entry)
            entry.role |= IN_BEST

    def resize(self, entry: Entry, more: int) -> None:
        """A statement that may be counted stands for so many more claims now."""
        if entry.role:
            self._stale = True
            self.claims += more
            self.claims_in_low += more if entry.role & IN_LOW else 0

    def _bring(self, statements: list[Entry], entry: Entry) -> None:
        self._stale = True
        self.claims += entry.size
        insort(statements, entry, key=_id)

    def _take(self, statements: list[Entry], entry: Entry) -> None:
        self._stale = True
        self.claims -= entry.size
        del statements[bisect_left(statements, entry.id, key=_id)]

    def named(self, low_alone: bool) -> tuple[str, ...]:  # noqa: FBT001 (asked for every claim)
        """Refs of the first claims by id."""
        if self._stale or low_alone is not self._low_alone:
            self._stale, self._low_alone = False, low_alone
            first = self.in_low[:NAMED]
            if self.best_alone and not low_alone:
                first = sorted(first + self.best_alone[:NAMED], key=_id)[:NAMED]
            if self.claims > len(self.in_low) + len(self.best_alone):
                # No claim of a later statement comes before the first ones of these.
                first = sorted([claim for one in first for claim in one.claims[:NAMED]], key=_id)[:NAMED]
            self._named = tuple(refs_of([claim.stamp for claim in first]))
        return self._named
