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
from incidentlog.projections.row_parts import cell_part
from incidentlog.projections.split import Split
from incidentlog.projections.summary import Bounds, Summary
from incidentlog.schemas.cells import MIXED, Cell
from incidentlog.schemas.contributions import CellContribution, Contribution, StatementContribution
from incidentlog.schemas.rows import CellPart
from incidentlog.schemas.statements import OPEN


class HostTotal:
    """The total, kept up to date: a changed contribution costs the same however many cells and claims there are."""

    __slots__ = (
        "_apart", "_attributed", "_cells", "_extra", "_parts", "_splits", "_stale", "_summary", "_sums", "breakdowns",
    )  # fmt: skip

    def __init__(self) -> None:
        self._cells: dict[str, CellContribution] = {}
        self._parts: dict[str, CellPart] = {}
        self._splits: dict[str, Split] = {}
        # Of nationality cells (False) and of mixed cells (True), attributed claims included.
        self._sums = {False: [0, 0, 0], True: [0, 0, 0]}
        # What attributed claims add to these sums, and what their highs come to: in all, and by cell.
        self._extra = {False: [0, 0, 0], True: [0, 0, 0]}
        self._attributed = 0
        self._apart: dict[str, tuple[int, ...]] = {}
        # Cells for which that may have changed.
        self._stale: set[str] = set()
        self._summary = Summary()
        self.breakdowns = Breakdowns()

    def apply(self, contribution: Contribution) -> None:
        """Let `contribution` replace what its key held, unless that was newer."""
        if isinstance(contribution, StatementContribution):
            self._replace_statement(contribution)
            return
        cell = contribution.cell
        old = self._cells.get(cell)
        sums = self._sums[_mixed(cell)]
        if old is not None:
            if old.version > contribution.version:
                return
            _add(sums, _bounds(old), -1)
        self._cells[cell] = contribution
        self._parts.pop(cell, None)
        _add(sums, _bounds(contribution))
        self._summary.replace(old, contribution)
        if cell in self._splits:
            self._stale.add(cell)

    @property
    def empty(self) -> bool:
        """Whether no cell has contributed yet."""
        return not self._cells

    @property
    def terms(self) -> tuple[Bounds, Bounds, Bounds, int]:
        """N, N', M and A."""
        for cell in self._stale:
            self._set_apart(cell)
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
        parts = self._parts
        for cell in self._cells.keys() - parts.keys():
            parts[cell] = cell_part(self._cells[cell])
        return [part for _, part in sorted(parts.items())]

    def contribution(self, cell: str) -> CellContribution | None:
        """The newest contribution of one cell."""
        return self._cells.get(cell)

    def _replace_statement(self, record: StatementContribution) -> None:
        breakdowns = self.breakdowns
        decided = breakdowns.replace(record)
        if decided is None:
            return
        cell, first = standing = record.cell, record.claim
        split = self._splits.get(cell)
        if split is None:
            statements = breakdowns.statements(cell)
            split = self._splits[cell] = Split(Cell.parse(cell), statements, host_first=record.host_first)
        split.replace(first, attributed=record.statement is not None and breakdowns.attributed(standing))
        self._stale.add(cell)
        for part in decided:
            self._splits[part[0]].attribute(part[1], attributed=breakdowns.attributed(part))
            self._stale.add(part[0])

    def _set_apart(self, cell: str) -> None:
        """See anew what attributed claims add to the number of a cell, and what their highs come to."""
        split, extra = self._splits[cell], self._extra[_mixed(cell)]
        *before, high = self._apart.pop(cell, (0, 0, 0, 0))
        _add(extra, before, -1)
        self._attributed += split.high - high
        rest, whole = split.rest, self._cells.get(cell)
        if rest is not None:
            added = [0, 0, 0] if whole is None else list(map(sub, _bounds(whole), rest))
            _add(extra, added)
            self._apart[cell] = *added, split.high


def _mixed(cell: str) -> bool:
    return cell.split("/")[1] in MIXED


def _bounds(contribution: CellContribution) -> Bounds:
    low, best, high = contribution.low, contribution.best, contribution.high
    return low, low if best is None else best, OPEN if high is None else high


def _add(total: list[int], bounds: Iterable[int], sign: int = 1) -> None:
    low, best, high = bounds
    total[0] += sign * low
    total[1] += sign * best
    total[2] += sign * high


def _triple(sums: Iterable[int]) -> Bounds:
    low, best, high = sums
    return low, best, high
