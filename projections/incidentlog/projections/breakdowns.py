"""Breakdowns: claims of mixed cells that contain claims of other cells, and what their parts leave unnamed.

A container is a live statement of a mixed cell (foreigners, several nationalities, unspecified); its parts are the
statements of other cells of the same measure, host and scope whose `part_of` names one of its wordings.
"""

from __future__ import annotations

from collections.abc import Collection

from incidentlog.projections.cell import estimate_of
from incidentlog.projections.estimate import Estimate
from incidentlog.projections.merged import Merged
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import FIRM, OPEN

UNSPECIFIED = "XXX"
#: Where a statement stands: its cell and its first claim.
Standing = tuple[str, str]


class Breakdowns:
    """Containers and parts of one measure, host and scope."""

    __slots__ = ("_left", "_living", "_over", "_parts", "_residuals", "_statements")

    def __init__(self) -> None:
        #: By cell and first claim.
        self._statements: dict[str, dict[str, Merged]] = {}
        #: Where a claim of a mixed cell stands: in one place mostly, and a set of one takes much room.
        self._living: dict[str, tuple[Standing, ...]] = {}
        self._parts: dict[str, set[Standing]] = {}
        self._over: set[Standing] = set()
        self._left: dict[str, dict[str, Merged]] = {}
        self._residuals: dict[str, Estimate] = {}

    def replace(self, standing: Standing, new: Merged | None, *, container: bool) -> Collection[Standing]:
        """Another statement stands there now, or none; `container`: in a mixed cell.

        Returns the parts elsewhere whose attribution it may change.
        """
        cell, first = standing
        here = self._statements.setdefault(cell, {})
        old = here.pop(first, None)
        if new is not None:
            here[first] = new
        decided: set[Standing] = set()
        for statement in (old, new):
            if statement is not None:
                self._index(standing, statement, there=statement is new, container=container)
                if container:
                    decided.update(part for each in statement.ids for part in self._parts.get(each, ()))
        if container:
            self._weigh(standing)
        return decided

    def attributed(self, standing: Standing) -> bool:
        """Whether the statement there lies within a container that lives in another, mixed cell."""
        cell, first = standing
        living = self._living.get(self._statements[cell][first].part_of)
        return living is not None and all(other != cell for other, _ in living)

    def statement(self, standing: Standing) -> Merged | None:
        """What stands there."""
        cell, first = standing
        return self._statements[cell].get(first)

    @property
    def over_attributed(self) -> bool:
        """Whether the parts of some container amount to more than it can hold."""
        return bool(self._over)

    def residuals(self) -> dict[str, Estimate]:
        """For each mixed cell with a remainder, what its containers' parts leave unnamed.

        What a container leaves is a statement like its container's, only smaller, and is folded like one: the remainders
        of two totals of one growing series are not added. An unspecified container leaves nothing, since those it does
        not name are unspecified already and counted as such.
        """
        for name, left in self._left.items():
            if name not in self._residuals:
                # No state is the own of a mixed cell, so whether the host goes before it makes no difference.
                self._residuals[name] = estimate_of(Cell.parse(name), True, list(left.values()))  # noqa: FBT003
        return self._residuals

    def _index(self, standing: Standing, statement: Merged, *, there: bool, container: bool) -> None:
        if container:
            for claim in statement.ids:
                others = tuple(each for each in self._living.pop(claim, ()) if each != standing)
                if there or others:
                    self._living[claim] = (*others, standing) if there else others
        if statement.part_of:
            _enter(self._parts, statement.part_of, standing, there=there)
            for above in self._living.get(statement.part_of, ()):
                self._weigh(above)

    def _weigh(self, standing: Standing) -> None:
        """See anew whether a container is over-attributed, and what its parts leave."""
        cell, first = standing
        self._over.discard(standing)
        remainder = None
        container = self._statements[cell].get(first)
        if container is not None and (parts := self._elsewhere(cell, container)):
            if sum(map(_firm_low, parts)) > container.high:
                self._over.add(standing)
            remainder = remaining(container, parts) if cell.split("/")[1] != UNSPECIFIED else None
        left = self._left.setdefault(cell, {})
        if left.pop(first, None) != remainder:
            self._residuals.pop(cell, None)
        if remainder is not None:
            left[first] = remainder
        if not left:
            del self._left[cell]

    def _elsewhere(self, cell: str, container: Merged) -> list[Merged]:
        """The live statements of other cells that name the container."""
        named = {part for claim in container.ids for part in self._parts.get(claim, ()) if part[0] != cell}
        found = (self._statements[other].get(first) for other, first in named)
        return [part for part in found if part is not None]


def _enter(index: dict[str, set[Standing]], claim: str, standing: Standing, *, there: bool) -> None:
    if there:
        index.setdefault(claim, set()).add(standing)
        return
    index[claim].discard(standing)
    if not index[claim]:
        del index[claim]


def remaining(container: Merged, parts: list[Merged]) -> Merged | None:
    """The container less its parts, as a statement of its own; None where the parts leave nothing or there are none."""
    best = _firm_value(container) - sum(map(_firm_value, parts))
    if not parts or best <= 0:
        return None
    low = max(0, container.low - sum(part.high for part in parts))
    high = OPEN if container.high >= OPEN else max(best, container.high - sum(map(_firm_low, parts)))
    return container._replace(low=low, best=best, high=high)


def _firm_low(statement: Merged) -> int:
    return statement.low if statement.grade == FIRM else 0


def _firm_value(statement: Merged) -> int:
    if statement.grade != FIRM:
        return 0
    return statement.low if statement.best is None else statement.best
