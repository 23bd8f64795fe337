"""What events would do to numbers: the rows they touch, folded without them and with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.project import project
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.rows import ActionRow
from incidentlog.schemas.statements import Statement


@dataclass(frozen=True, slots=True)
class Effect:
    """The row under a projection's key without the events and with them; None where there is none."""

    projection: str
    key: str
    before: Any
    after: Any

    @property
    def changed(self) -> bool:
        """Whether the row says anything else; how many events it took is no difference."""
        return bool(_said(self.before) != _said(self.after))


def effects(
    cell: Cell,
    statements: Iterable[tuple[Cell, Statement]],
    more: Iterable[tuple[Cell, Statement]],
    precedence: Precedence = by_default,
) -> list[Effect]:
    """What `more` would do to the numbers that `cell` counts in: its own, its subdivisions', and every roll-up of it.

    `statements` are those that are there, of all cells whose measure is one of `measures_beside` this one's. Estimates come
    first, then roll-ups, by projection and key. Of a number that stays as it is, before and after are equal.
    """
    there = list(statements)
    before, after = _rows(there, precedence), _rows([*there, *more], precedence)
    order = {name: place for place, name in enumerate(PROJECTIONS)}
    keys = sorted(before.keys() | after.keys(), key=lambda place: (order[place[0]], place[1]))
    found = (Effect(*place, before.get(place), after.get(place)) for place in keys)
    return [each for each in found if each.changed or _counts(each.after, cell) or _counts(each.before, cell)]


def measures_beside(cell: Cell) -> set[str]:
    """The measures that are rolled up together with the cell's, its own among them."""
    readers = [each.measures for each in PROJECTIONS.values() if cell.measure in each.measures]
    return {cell.measure}.union(*readers)


def _rows(statements: Iterable[tuple[Cell, Statement]], precedence: Precedence) -> dict[tuple[str, str], Any]:
    return {(row.projection, row.key): row for row in project(statements, precedence)}


def _counts(row: Any, cell: Cell) -> bool:
    """Whether a row is the cell's own, or counts it."""
    if row is None or isinstance(row, ActionRow):
        return False
    parts = getattr(row, "contributions", None)
    if parts is None:
        return bool(row.key == str(cell))
    return any(
        getattr(part, "cell", None) == str(cell) or getattr(part, "host", None) == cell.country for part in parts
    )


def _said(row: Any) -> Any:
    if row is None:
        return None
    return {each.name: getattr(row, each.name) for each in fields(row) if each.name != "version"}
