"""What is kept of contributions besides sums: the latest as-of day, the flags, how many are quantified."""

from __future__ import annotations

from collections import Counter

from incidentlog.schemas.contributions import CellContribution

#: low, best (its low where null), high (at least OPEN where open): sums of such triples stay triples.
Bounds = tuple[int, int, int]


class Summary:
    """Running union of flags, latest day and count of quantified contributions; what was added can be removed."""

    __slots__ = ("_days", "_flags", "_latest", "quantified")

    def __init__(self) -> None:
        self._days: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._latest: str | None = None
        self.quantified = 0

    @property
    def as_of(self) -> str | None:
        """The latest day, ISO; None without any."""
        if self._latest is None and self._days:
            self._latest = max(self._days)
        return self._latest

    @property
    def flags(self) -> set[str]:
        """The union of the flags."""
        return set(self._flags)

    def add(self, contribution: CellContribution) -> None:
        """Count a contribution in."""
        self.quantified += contribution.best is not None
        day = contribution.as_of
        if day is not None:
            self._days[day] += 1
            if self._latest is not None and day > self._latest:
                self._latest = day
        for flag in contribution.flags:
            self._flags[flag] += 1

    def remove(self, contribution: CellContribution) -> None:
        """Take out a contribution that was counted in."""
        self.quantified -= contribution.best is not None
        day = contribution.as_of
        if day is not None:
            _take(self._days, day)
            if day == self._latest:
                self._latest = None
        for flag in contribution.flags:
            _take(self._flags, flag)


def _take(counts: Counter[str], name: str) -> None:
    counts[name] -= 1
    if not counts[name]:
        del counts[name]
