"""One measure in one host country (or one subdivision of it) over all nationalities, mixed cells and their parts included.

The number of a mixed cell may speak of people whom other cells count by nationality. Claims that say so, parts of a
container that lives in a mixed cell, are *attributed*. With N and N' the sums over nationality cells with and without
attributed claims, M the sum over mixed cells and A the sum of the attributed highs:

    low = max(N'.low, M.low, min(N.low, M.high)), best the same way, high = N'.high + max(M.high, A)

A best that is null counts as its low in a sum. A claim of a mixed cell can itself be attributed, to a container in another
mixed cell; M is then without it, since the container speaks of the same people.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import sub

from incidentlog.projections.breakdowns import Breakdowns
from incidentlog.projections.merged import Merged
from incidentlog.projections.summary import Bounds, Summary
from incidentlog.projections.told import Change, Told
from incidentlog.schemas.contributions import BlockContribution, CellContribution, Contribution
from incidentlog.schemas.rows import CellPart


class HostTotal:
    """The total, kept up to date: a changed contribution costs the same however many cells and claims there are."""

    __slots__ = ("_attributed", "_cells", "_extra", "_stale", "_summary", "_sums", "breakdowns")

    def __init__(self) -> None:
        self._cells: dict[str, Told] = {}
        # Of nationality cells (False) and of mixed cells (True), attributed claims included.
        self._sums = {False: [0, 0, 0], True: [0, 0, 0]}
        # What attributed claims add to these sums, and what their highs come to.
        self._extra = {False: [0, 0, 0], True: [0, 0, 0]}
        self._attributed = 0
        # Cells for which that may have changed.
        self._stale: dict[Told, None] = {}
        self._summary = Summary()
        self.breakdowns = Breakdowns()

    def apply(self, contribution: Contribution) -> None:
        """Let `contribution` replace what its key held, unless that was newer."""
        told = self._cells.get(contribution.cell)
        if told is None:
            told = self._cells[contribution.cell] = Told(contribution.cell)
        if isinstance(contribution, BlockContribution):
            self._change(told, told.take(contribution))
        elif told.number is None or told.number.version <= contribution.version:
            sums = self._sums[told.mixed]
            _add(sums, told.bounds, -1)
            self._summary.replace(told.number, contribution)
            self._change(told, told.renumber(contribution))
            _add(sums, told.bounds)

    @property
    def empty(self) -> bool:
        """Whether no cell has contributed yet."""
        return all(told.number is None for told in self._cells.values())

    @property
    def terms(self) -> tuple[Bounds, Bounds, Bounds, int]:
        """N, N', M and A."""
        for told in self._stale:
            self._set_apart(told)
        self._stale.clear()
        rest = {mixed: _triple(map(sub, sums, self._extra[mixed])) for mixed, sums in self._sums.items()}
        return _triple(self._sums[False]), rest[False], rest[True], self._attributed

    @property
    def bounds(self) -> Bounds:
        """(low, best, high) over all cells; a best of nothing quantified counts as the low."""
        n, rest, m, attributed_high = self.terms
        return (
            max(rest[0], m[0], min(n[0], m[2])),
            max(rest[1], m[1], min(n[1], m[2])),
            rest[2] + max(m[2], attributed_high),
        )

    @property
    def quantified(self) -> bool:
        """Whether any cell has a best."""
        return self._summary.quantified > 0

    @property
    def as_of(self) -> str | None:
        """The latest as-of day of a cell."""
        return self._summary.as_of

    @property
    def flags(self) -> set[str]:
        """Flags of the cells and of the total itself."""
        return self._summary.flags | {"over_attributed"} if self.breakdowns.over_attributed else self._summary.flags

    @property
    def parts(self) -> list[CellPart]:
        """What a row says of each cell, by name of the cell."""
        return [part for _, told in sorted(self._cells.items()) if (part := told.part) is not None]

    def contribution(self, cell: str) -> CellContribution | None:
        """The newest contribution of one cell."""
        told = self._cells.get(cell)
        return None if told is None else told.number

    def _change(self, told: Told, changes: Iterable[Change]) -> None:
        """Tell apart anew what is attributed, where statements changed."""
        cell, breakdowns = told.cell, self.breakdowns
        for first, statement in changes:
            decided = breakdowns.replace((cell, first), statement, container=told.mixed)
            self._attribute((cell, first), statement)
            for part in decided:
                self._attribute(part, breakdowns.statement(part))
        if told.split is not None:
            self._stale[told] = None

    def _attribute(self, standing: tuple[str, str], statement: Merged | None) -> None:
        cell, first = standing
        told = self._cells[cell]
        assert told.split is not None
        attributed = statement is not None and self.breakdowns.attributed(standing)
        told.split.replace(first, statement, attributed=attributed)
        self._stale[told] = None

    def _set_apart(self, told: Told) -> None:
        """See anew what attributed claims add to the number of a cell, and what their highs come to."""
        split, extra = told.split, self._extra[told.mixed]
        assert split is not None
        *before, high = told.apart
        _add(extra, before, -1)
        self._attributed += split.high - high
        rest = split.rest
        added = (0, 0, 0) if rest is None or told.number is None else tuple(map(sub, told.bounds, rest))
        _add(extra, added)
        told.apart = *added, split.high


def _add(total: list[int], bounds: Iterable[int], sign: int = 1) -> None:
    low, best, high = bounds
    total[0] += sign * low
    total[1] += sign * best
    total[2] += sign * high


def _triple(sums: Iterable[int]) -> Bounds:
    low, best, high = sums
    return low, best, high
