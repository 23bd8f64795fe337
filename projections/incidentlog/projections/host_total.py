"""One measure in one host country (or one subdivision of it) over all nationalities, mixed cells and their parts included.

The number of a mixed cell may speak of people whom other cells count by nationality. Claims that say so, parts of a
container that lives in a mixed cell, are *attributed*. With N and N' the sums over nationality cells with and without
attributed claims, M the sum over mixed cells and A the sum of the attributed highs:

    low = max(N'.low, M.low, min(N.low, M.high)), best the same way, high = N'.high + max(M.high, A)

A best that is null counts as its low in a sum. A claim of a mixed cell can itself be attributed, to a container in another
mixed cell; M is then without it, since the container speaks of the same people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from incidentlog.projections.breakdowns import Breakdowns
from incidentlog.projections.cell import estimate_of
from incidentlog.projections.merged import Merged
from incidentlog.projections.summary import Bounds, Summary
from incidentlog.schemas.cells import MIXED, Cell
from incidentlog.schemas.contributions import CellContribution, Container, Contribution, Packed
from incidentlog.schemas.statements import OPEN


class Apart(NamedTuple):
    """A cell with claims that name a container elsewhere: those claims, and what the attributed among them make up."""

    claims: tuple[Merged, ...]
    foreign: tuple[Merged, ...]
    attributed: frozenset[str] = frozenset()
    gap: Bounds = (0, 0, 0)
    """The cell's number less its number without attributed claims."""
    high: int = 0
    """Sum of the attributed highs."""


class HostTotal:
    """The total, kept up to date: a changed contribution costs what that cell's claims cost, whatever the others hold."""

    __slots__ = ("_apart", "_cells", "_gaps", "_highs", "_summary", "_sums", "breakdowns")

    def __init__(self) -> None:
        self._cells: dict[str, CellContribution] = {}
        self._apart: dict[str, Apart] = {}
        # Of nationality cells (False) and of mixed cells (True): the sums, and how far attributed claims raise them.
        self._sums, self._gaps = {False: [0, 0, 0], True: [0, 0, 0]}, {False: [0, 0, 0], True: [0, 0, 0]}
        self._highs = 0
        self._summary = Summary()
        self.breakdowns = Breakdowns()

    def apply(self, contribution: Contribution) -> None:
        """Let `contribution` replace what its key held, unless that was newer."""
        if isinstance(contribution, Container):
            for each in self.breakdowns.place(contribution):
                self._attribute(each)
            return
        cell = contribution.cell
        old = self._cells.get(cell)
        sums = self._sums[_mixed(cell)]
        if old is not None:
            if old.version > contribution.version:
                return
            _add(sums, _bounds(old), -1)
        self._cells[cell] = contribution
        _add(sums, _bounds(contribution))
        self._summary.replace(old, contribution)
        if contribution.claims is not None or cell in self._apart:
            self._set_apart(cell, contribution.claims or [])

    @property
    def empty(self) -> bool:
        """Whether no cell has contributed yet."""
        return not self._cells

    @property
    def terms(self) -> tuple[Bounds, Bounds, Bounds, int]:
        """N, N', M and A."""
        (n, raised), (m, mixed_raised) = ((self._sums[mixed], self._gaps[mixed]) for mixed in (False, True))
        return _less(n, (0, 0, 0)), _less(n, raised), _less(m, mixed_raised), self._highs

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
    def cells(self) -> list[CellContribution]:
        """The newest contribution of each cell, by name of the cell."""
        return [contribution for _, contribution in sorted(self._cells.items())]

    def contribution(self, cell: str) -> CellContribution | None:
        """The newest contribution of one cell."""
        return self._cells.get(cell)

    def _set_apart(self, cell: str, packed: list[Packed]) -> None:
        """Let `packed` be the claims of a cell of which some are parts of claims elsewhere, or were."""
        claims = tuple(map(Merged.unpack, packed))
        own = {wording for claim in claims for wording in claim.ids}
        foreign = tuple(claim for claim in claims if claim.part_of and claim.part_of not in own)
        old = self._apart.pop(cell, None)
        if old is not None:
            self._shift(cell, old, -1)
        self.breakdowns.replace_parts(cell, old.foreign if old else (), foreign)
        if foreign:
            self._apart[cell] = Apart(claims, foreign)
            self._attribute(cell)

    def _attribute(self, cell: str) -> None:
        """Settle anew which claims of `cell` are attributed, and what they make up."""
        old = self._apart[cell]
        attributed = [part for part in old.foreign if self.breakdowns.attributed(cell, part)]
        names = frozenset(part.ids[0] for part in attributed)
        if names == old.attributed:
            return
        gap = (0, 0, 0)
        if names:
            contribution = self._cells[cell]
            others = [claim for claim in old.claims if claim.ids[0] not in names]
            rest = estimate_of(Cell.parse(cell), contribution.host_first, others)
            low, best, high = _bounds(contribution)
            gap = (low - rest.low, best - (rest.low if rest.best is None else rest.best), high - rest.high)
        new = Apart(old.claims, old.foreign, names, gap, sum(part.high for part in attributed))
        self._apart[cell] = new
        self._shift(cell, old, -1)
        self._shift(cell, new)

    def _shift(self, cell: str, apart: Apart, sign: int = 1) -> None:
        _add(self._gaps[_mixed(cell)], apart.gap, sign)
        self._highs += sign * apart.high


def _mixed(cell: str) -> bool:
    return cell.split("/")[1] in MIXED


def _bounds(contribution: CellContribution) -> Bounds:
    low, best, high = contribution.low, contribution.best, contribution.high
    return low, low if best is None else best, OPEN if high is None else high


def _add(total: list[int], bounds: Bounds, sign: int = 1) -> None:
    low, best, high = bounds
    total[0] += sign * low
    total[1] += sign * best
    total[2] += sign * high


def _less(total: list[int], gap: Sequence[int]) -> Bounds:
    return total[0] - gap[0], total[1] - gap[1], total[2] - gap[2]
