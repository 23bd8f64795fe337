"""The lane: every cell of one partition number in memory. Statements in; changed rows and contributions out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.cell import CellFold
from incidentlog.projections.estimates import row_key, row_of
from incidentlog.projections.merged import Merged
from incidentlog.projections.official_actions import Shelf
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.projection import Projection
from incidentlog.schemas.cells import OFFICIAL, Cell
from incidentlog.schemas.contributions import CellContribution, Container, Contribution
from incidentlog.schemas.rows import ActionRow, EstimateRow
from incidentlog.schemas.statements import Statement


@dataclass(slots=True)
class Changes:
    """What changed in a lane, by key; an action's row is None where the action is gone."""

    estimates: dict[str, EstimateRow] = field(default_factory=dict)
    contributions: dict[str, Contribution] = field(default_factory=dict)
    actions: dict[str, ActionRow | None] = field(default_factory=dict)


class Lane:
    """All cells whose keys fall on one partition number, or simply all cells. One writer at a time; not thread-safe.

    `precedence` says for a measure whether the host state goes first. `until` (ordinal day, 0: no limit) and `known`
    (RFC 3339 in UTC with six decimals, empty: no limit) show numbers as of a day and as known at a moment. `projections`
    decide who gets contributions.
    """

    def __init__(
        self,
        precedence: Precedence = by_default,
        *,
        until: int = 0,
        known: str = "",
        projections: Iterable[Projection[Any, Any]] = tuple(PROJECTIONS.values()),
    ) -> None:
        self._precedence, self._until, self._known = precedence, until, known
        self._places: dict[Cell, CellFold | Shelf] = {}
        self._changed: dict[Cell, CellFold | Shelf] = {}
        self._living: dict[tuple[Cell, str], dict[str, Merged]] = {}
        self._readers: dict[str, list[Projection[Any, Any]]] = {}
        for projection in projections:
            for measure in projection.measures:
                self._readers.setdefault(measure, []).append(projection)

    def add(self, cell: Cell, statement: Statement) -> bool:
        """Take a statement into its cell's set; whether that changed the set."""
        place = self._places.get(cell)
        if place is None:
            place = self._places[cell] = self._open(cell)
        if not place.add(statement):
            return False
        self._changed[cell] = place
        return True

    def fold(self, cell: Cell) -> CellFold | None:
        """The fold of a cell that has statements."""
        place = self._places.get(cell)
        return place if isinstance(place, CellFold) else None

    def take_changed(self) -> Changes:
        """Rows and contributions of what changed since the last call, each once however many statements came."""
        changes = Changes()
        for cell, place in self._changed.items():
            if isinstance(place, Shelf):
                changes.actions.update(place.take_changed())
            else:
                self._collect(cell, place, changes)
        self._changed.clear()
        return changes

    def _open(self, cell: Cell) -> CellFold | Shelf:
        if cell.measure == OFFICIAL:
            return Shelf(until=self._until, known=self._known)
        return CellFold(cell, host_first=self._precedence(cell.measure), until=self._until, known=self._known)

    def _collect(self, cell: Cell, fold: CellFold, changes: Changes) -> None:
        name = str(cell)
        readers = self._readers.get(cell.measure, ())
        for scope in fold.take_changed():
            estimate = fold.estimate(scope)
            if estimate is None:
                continue
            row = row_of(estimate, row_key(name, scope), fold.version)
            changes.estimates[row.key] = row
            wanting = [each for each in readers if each.subdivisions or not scope]
            if not wanting:
                continue
            claims = [each.pack() for each in fold.merged(scope)] if fold.foreign_parts(scope) else None
            first = self._precedence(cell.measure)
            moved = list(self._moved(cell, scope, fold)) if cell.mixed else []
            for reader in wanting:
                contribution = CellContribution(reader.name, name, scope, row.version, row.low, row.best, row.high,
                                                row.as_of, row.flags, first, claims)  # fmt: skip
                changes.contributions[contribution.key] = contribution
                for claim, statement in moved:
                    packed = statement.pack() if statement else None
                    container = Container(reader.name, name, scope, claim, row.version, first, packed)
                    changes.contributions[container.key] = container

    def _moved(self, cell: Cell, scope: str, fold: CellFold) -> Iterator[tuple[str, Merged | None]]:
        """Claims of a mixed cell whose statement changed since it was last told, None for those that died."""
        before = self._living.get((cell, scope), {})
        now = {claim: statement for statement in fold.merged(scope) for claim in statement.ids}
        yield from ((claim, statement) for claim, statement in now.items() if before.get(claim) != statement)
        yield from ((claim, None) for claim in before if claim not in now)
        self._living[cell, scope] = now
