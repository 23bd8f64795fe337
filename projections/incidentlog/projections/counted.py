"""The claims behind a number, kept up to date: which are counted in low, and which in best alone, both by id."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from operator import attrgetter

from incidentlog.projections.entry import Entry
from incidentlog.projections.estimate import NAMED

_id = attrgetter("id")


class Counted:
    """Counted claims by id. What is counted in best alone is kept apart: where low lifts best it is not counted."""

    __slots__ = ("_low_alone", "_named", "_stale", "in_best", "in_low")

    def __init__(self) -> None:
        self.in_low: list[Entry] = []
        self.in_best: list[Entry] = []
        self._named: tuple[str, ...] = ()
        self._stale = self._low_alone = False

    def low(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Apply a change of the windows counted in low."""
        for entry in gone:
            entry.in_low = False
            self._take(self.in_low, entry)
            if entry.in_best:
                self._bring(self.in_best, entry)
        for entry in came:
            entry.in_low = True
            if entry.in_best:
                self._take(self.in_best, entry)
            self._bring(self.in_low, entry)

    def best(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Apply a change of the statements counted in best."""
        for entry in gone:
            entry.in_best = False
            if not entry.in_low:
                self._take(self.in_best, entry)
        for entry in came:
            entry.in_best = True
            if not entry.in_low:
                self._bring(self.in_best, entry)

    def _bring(self, claims: list[Entry], entry: Entry) -> None:
        self._stale = True
        if entry.wordings is None:
            insort(claims, entry, key=_id)
        else:
            for wording in entry.wordings:
                insort(claims, wording, key=_id)

    def _take(self, claims: list[Entry], entry: Entry) -> None:
        self._stale = True
        if entry.wordings is None:
            del claims[bisect_left(claims, entry.id, key=_id)]
        else:
            for wording in entry.wordings:
                del claims[bisect_left(claims, wording.id, key=_id)]

    def named(self, low_alone: bool) -> tuple[str, ...]:  # noqa: FBT001 (asked for every claim)
        """Refs of the first claims by id."""
        if self._stale or low_alone is not self._low_alone:
            self._stale, self._low_alone = False, low_alone
            claims = self.in_low[:NAMED]
            if self.in_best and not low_alone:
                claims = sorted(claims + self.in_best[:NAMED], key=_id)[:NAMED]
            self._named = tuple([claim.ref for claim in claims])
        return self._named
