"""Everything folded in one go, in memory: what `fold` prints, and what an incremental run must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.lane import Changes, Lane
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.projection import Projection
from incidentlog.projections.rollups import RollupState
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.rows import ActionRow
from incidentlog.schemas.statements import Statement


class Projector:
    """Statements in, one by one, and rows out at any time: `until` an ordinal day, as `known` at a moment."""

    def __init__(
        self,
        precedence: Precedence = by_default,
        *,
        until: int = 0,
        known: str = "",
        projections: Iterable[Projection[Any, Any]] = tuple(PROJECTIONS.values()),
    ) -> None:
        chosen = tuple(projections)
        self._lane, self._rollups = Lane(precedence, until=until, known=known, projections=chosen), RollupState(chosen)
        self.add, self.later, self.extend = self._lane.add, self._lane.later, self._lane.extend

    def changed(self) -> list[Any]:
        """The rows that changed since the last call, but for those that are gone."""
        changes = self._taken()
        rolled_up = (row for *_, row in self._rollups.take_changed() if row is not None)
        return [*changes.estimates.values(), *_there(changes), *rolled_up]

    def rows(self) -> list[Any]:
        """Every row of the roll-ups, and those estimates and actions that changed since the last call, all sorted."""
        changes = self._taken()
        rows = [*changes.estimates.values(), *_there(changes), *self._rollups.rows()]
        return sorted(rows, key=lambda row: (row.projection, row.key))

    def _taken(self) -> Changes:
        changes = self._lane.take_changed()
        for contribution in changes.contributions.values():
            self._rollups.apply(contribution)
        return changes


def _there(changes: Changes) -> Iterator[ActionRow]:
    return (row for row in changes.actions.values() if row is not None)


def project(
    statements: Iterable[tuple[Cell, Statement]],
    precedence: Precedence = by_default,
    *,
    until: int = 0,
    known: str = "",
    projections: Iterable[Projection[Any, Any]] = tuple(PROJECTIONS.values()),
) -> list[Any]:
    """The rows of every projection, sorted by projection and key: `until` an ordinal day, as `known` at a moment."""
    projector = Projector(precedence, until=until, known=known, projections=projections)
    for cell, statement in statements:
        projector.add(cell, statement)
    return projector.rows()
