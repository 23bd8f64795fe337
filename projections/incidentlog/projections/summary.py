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

    def replace(self, old: CellContribution | None, new: CellContribution) -> None:
        """Count `new` in and `old` out."""
        self.quantified += new.best is not None
        day, flags = (None, ()) if old is None else (old.as_of, old.flags)
        if old is not None:
            self.quantified -= old.best is not None
        if day != new.as_of:
            self._replace_day(day, new.as_of)
        if flags != new.flags:
            for flag in new.flags:
                self._flags[flag] += 1
            for flag in flags:
                _take(self._flags, flag)

    def _replace_day(self, old: str | None, new: str | None) -> None:
        if new is not None:
            self._days[new] += 1
            if self._latest is not None and new > self._latest:
                self._latest = new
        if old is not None:
            _take(self._days, old)
            if old == self._latest and old not in self._days:
                self._latest = None


def _take(counts: Counter[str], name: str) -> None:
    counts[name] -= 1
    if not counts[name]:
        del counts[name]
