"""One measure in one host country (or one subdivision of it) over all nationalities, mixed cells and their parts included.

The number of a mixed cell may speak of people whom other cells count by nationality. Claims that say so, parts of a
container that lives in a mixed cell, are *attributed*. With N and N' the sums over nationality cells with and without
attributed claims, M the sum over mixed cells and A the sum of the attributed highs:

    low = max(N'.low, M.low, min(N.low, M.high)), best the same way, high = N'.high + max(M.high, A)

A best that is null counts as its low in a sum. A claim of a mixed cell can itself be attributed, to a container in another
mixed cell; M is then without it, since the container speaks of the same people.
"""

from __future__ import annotations

from typing import NamedTuple

from incidentlog.projections.breakdowns import Breakdowns
from incidentlog.projections.cell import estimate_of
from incidentlog.projections.merged import Merged
from incidentlog.projections.summary import Bounds, Summary
from incidentlog.schemas.cells import MIXED, Cell
from incidentlog.schemas.contributions import CellContribution, Container, Contribution
from incidentlog.schemas.statements import OPEN


class Share(NamedTuple):
    """What one cell has at stake: its whole number, its number without attributed claims, and the highs of those."""

    contribution: CellContribution
    mixed: bool
    whole: Bounds
    rest: Bounds
    attributed_high: int
    claims: tuple[Merged, ...]
    foreign: tuple[Merged, ...]
    attributed: frozenset[str]


class HostTotal:
    """The total, kept up to date: a changed contribution costs what that cell's claims cost, whatever the others hold."""

    __slots__ = ("_attributed_high", "_mixed", "_named", "_rest", "_shares", "_summary", "breakdowns")

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}
        self._named, self._rest, self._mixed = [0, 0, 0], [0, 0, 0], [0, 0, 0]
        self._attributed_high = 0
        self._summary = Summary()
        self.breakdowns = Breakdowns()

    def apply(self, contribution: Contribution) -> None:
        """Let `contribution` replace what its key held, unless that was newer."""
        if isinstance(contribution, Container):
            for cell in self.breakdowns.place(contribution):
                self._attribute(cell)
            return
        old = self._shares.get(contribution.cell)
        if old is not None and old.contribution.version > contribution.version:
            return
        self._replace(old, self._share(contribution, old))

    @property
    def empty(self) -> bool:
        """Whether no cell has contributed yet."""
        return not self._shares

    @property
    def bounds(self) -> Bounds:
        """(low, best, high) over all cells; a best of nothing quantified counts as the low."""
        named, rest, mixed = self._named, self._rest, self._mixed
        return (
            max(rest[0], mixed[0], min(named[0], mixed[2])),
            max(rest[1], mixed[1], min(named[1], mixed[2])),
            rest[2] + max(mixed[2], self._attributed_high),
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
        return [share.contribution for _, share in sorted(self._shares.items())]

    def contribution(self, cell: str) -> CellContribution | None:
        """The newest contribution of one cell."""
        share = self._shares.get(cell)
        return share.contribution if share else None

    def _share(self, contribution: CellContribution, old: Share | None) -> Share:
        mixed = contribution.cell.split("/")[1] in MIXED
        high = OPEN if contribution.high is None else contribution.high
        whole = (contribution.low, contribution.low if contribution.best is None else contribution.best, high)
        if contribution.claims is None:
            if old is not None and old.foreign:
                self.breakdowns.replace_parts(contribution.cell, old.foreign, ())
            return Share(contribution, mixed, whole, whole, 0, (), (), frozenset())
        claims = tuple(map(Merged.unpack, contribution.claims))
        own = {wording for claim in claims for wording in claim.ids}
        foreign = tuple(claim for claim in claims if claim.part_of and claim.part_of not in own)
        self.breakdowns.replace_parts(contribution.cell, old.foreign if old else (), foreign)
        return self._without(Share(contribution, mixed, whole, whole, 0, claims, foreign, frozenset()))

    def _without(self, share: Share) -> Share:
        """`share` with its attributed claims set apart."""
        cell = share.contribution.cell
        attributed = [part for part in share.foreign if self.breakdowns.attributed(cell, part)]
        names = frozenset(part.ids[0] for part in attributed)
        if names == share.attributed:
            return share
        rest = share.whole
        if names:
            others = [claim for claim in share.claims if claim.ids[0] not in names]
            estimate = estimate_of(Cell.parse(cell), share.contribution.host_first, others)
            rest = (estimate.low, estimate.low if estimate.best is None else estimate.best, estimate.high)
        return share._replace(rest=rest, attributed=names, attributed_high=sum(part.high for part in attributed))

    def _attribute(self, cell: str) -> None:
        old = self._shares[cell]
        new = self._without(old)
        if new is not old:
            self._replace(old, new)

    def _replace(self, old: Share | None, new: Share) -> None:
        self._shares[new.contribution.cell] = new
        if old is not None:
            self._add(old, -1)
            self._summary.remove(old.contribution)
        self._add(new, 1)
        self._summary.add(new.contribution)

    def _add(self, share: Share, sign: int) -> None:
        self._attributed_high += sign * share.attributed_high
        if share.mixed:
            _add(self._mixed, share.rest, sign)
        else:
            _add(self._named, share.whole, sign)
            _add(self._rest, share.rest, sign)


def _add(total: list[int], bounds: Bounds, sign: int) -> None:
    low, best, high = bounds
    total[0] += sign * low
    total[1] += sign * best
    total[2] += sign * high
