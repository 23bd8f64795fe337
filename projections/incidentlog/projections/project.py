"""Everything folded in one go, in memory: what `fold` prints, and what an incremental run must agree with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.lane import Lane
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.projection import Projection
from incidentlog.projections.rollups import RollupState
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import Statement


def project(
    statements: Iterable[tuple[Cell, Statement]],
    precedence: Precedence = by_default,
    *,
    until: int = 0,
    known: str = "",
    projections: Iterable[Projection[Any, Any]] = tuple(PROJECTIONS.values()),
) -> list[Any]:
    """The rows of every projection, sorted by projection and key: `until` an ordinal day, as `known` at a moment."""
    chosen = tuple(projections)
    lane, rollups = Lane(precedence, until=until, known=known, projections=chosen), RollupState(chosen)
    for cell, statement in statements:
        lane.add(cell, statement)
    changes = lane.take_changed()
    for contribution in changes.contributions.values():
        rollups.apply(contribution)
    actions = (row for row in changes.actions.values() if row is not None)
    rows = [*changes.estimates.values(), *actions, *rollups.rows()]
    return sorted(rows, key=lambda row: (row.projection, row.key))
