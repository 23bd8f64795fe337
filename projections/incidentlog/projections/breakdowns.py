"""Breakdowns: claims of mixed cells that contain claims of other cells, and what their parts leave unnamed.

A container is a live merged statement of a mixed cell (foreigners, several nationalities, unspecified); its parts are the
merged statements of other cells of the same measure, host and scope whose `part_of` names one of its wordings.
"""

from __future__ import annotations

from collections.abc import Iterable

from incidentlog.projections.cell import estimate_of
from incidentlog.projections.estimate import Estimate
from incidentlog.projections.merged import Merged
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.contributions import Container
from incidentlog.schemas.statements import FIRM, OPEN

#: A cell and the first id of a merged statement in it, or a claim of it.
Standing = tuple[str, str]


class Breakdowns:
    """Containers and parts of one measure, host and scope."""

    __slots__ = ("_host_first", "_left", "_living", "_over", "_parts", "_residuals", "_versions", "_wordings")

    def __init__(self) -> None:
        self._versions: dict[Standing, int] = {}
        self._living: dict[str, dict[str, Merged]] = {}
        self._wordings: dict[Standing, dict[str, Merged]] = {}
        self._parts: dict[str, dict[Standing, Merged]] = {}
        self._over: set[Standing] = set()
        self._left: dict[str, dict[str, Merged]] = {}
        self._residuals: dict[str, Estimate] = {}
        self._host_first = False

    def attributed(self, cell: str, part: Merged) -> bool:
        """Whether `part`, a statement of `cell`, lies within a container that lives in another, mixed cell."""
        living = self._living.get(part.part_of)
        return living is not None and (len(living) > 1 or cell not in living)

    def replace_parts(self, cell: str, old: Iterable[Merged], new: Iterable[Merged]) -> None:
        """Let the parts in `cell` be `new` where they were `old`."""
        touched: set[str] = set()
        for part in old:
            self._parts[part.part_of].pop((cell, part.ids[0]), None)
            touched.add(part.part_of)
        for part in new:
            self._parts.setdefault(part.part_of, {})[cell, part.ids[0]] = part
            touched.add(part.part_of)
        for claim in touched:
            self._weigh_claim(claim)

    def place(self, record: Container) -> set[str]:
        """Take note of a container; the cells with parts whose attribution it decides anew."""
        claim, cell = record.claim, record.cell
        if record.version < self._versions.get((cell, claim), 0):
            return set()
        self._versions[cell, claim] = record.version
        self._host_first = record.host_first
        living = self._living.setdefault(claim, {})
        before = living.pop(cell, None)
        statement = None if record.statement is None else Merged.unpack(record.statement)
        if before is not None:
            del self._wordings[cell, before.ids[0]][claim]
            self._weigh((cell, before.ids[0]))
        if statement is not None:
            living[cell] = statement
            self._wordings.setdefault((cell, statement.ids[0]), {})[claim] = statement
            self._weigh((cell, statement.ids[0]))
        if not living:
            del self._living[claim]
        if (before is None) == (statement is None):
            return set()
        return {each for each, _ in self._parts.get(claim, ())}

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
                self._residuals[name] = estimate_of(Cell.parse(name), self._host_first, list(left.values()))
        return self._residuals

    def _weigh_claim(self, claim: str) -> None:
        for cell, statement in self._living.get(claim, {}).items():
            self._weigh((cell, statement.ids[0]))

    def _weigh(self, standing: Standing) -> None:
        cell, name = standing
        self._over.discard(standing)
        self._residuals.pop(cell, None)
        left = self._left.setdefault(cell, {})
        left.pop(name, None)
        wordings = self._wordings[standing]
        if wordings:
            parts = [p for claim in wordings for (home, _), p in self._parts.get(claim, {}).items() if home != cell]
            container = next(iter(wordings.values()))
            if sum(_firm_low(part) for part in parts) > container.high:
                self._over.add(standing)
            remainder = remaining(container, parts) if Cell.parse(cell).nationality != "XXX" else None
            if remainder is not None:
                left[name] = remainder
        else:
            del self._wordings[standing]
        if not left:
            del self._left[cell]


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
