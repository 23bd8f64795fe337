"""What events would do to numbers: the rows they touch, folded without them and with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.lane import Lane
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.rollups import RollupState
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.contributions import Contribution
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS, ActionRow
from incidentlog.schemas.statements import Statement

Filed = Iterable[tuple[Cell, Statement]]


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
    statements: Filed,
    more: Filed,
    precedence: Precedence = by_default,
    beside: Iterable[Contribution] = (),
) -> list[Effect]:
    """What `more` would do to the numbers that `cell` counts in: its own, its subdivisions', and every roll-up of it.

    There are, of all cells whose measure is one of `measures_beside` this one's, the `statements`, or instead of a whole
    cell's what it contributes, `beside`; never both. Estimates come first, then roll-ups, by projection and key. Of a number
    that stays as it is, before and after are equal.
    """
    standing = _Standing(precedence, beside)
    before = dict(standing.with_more(statements))
    after = standing.with_more(more)
    order = {name: place for place, name in enumerate(PROJECTIONS)}
    keys = sorted(before.keys() | after.keys(), key=lambda key: (order[key[0]], key[1]))
    found = (Effect(key[0], key[1], before.get(key), after.get(key)) for key in keys)
    return [each for each in found if each.changed or _counts(each.after, cell) or _counts(each.before, cell)]


def measures_beside(cell: Cell) -> set[str]:
    """The measures that are rolled up together with the cell's, its own among them."""
    readers = [each.measures for each in PROJECTIONS.values() if cell.measure in each.measures]
    return {cell.measure}.union(*readers)


class _Standing:
    """The rows by projection and key, kept up to date: what comes later costs no more than what it changes."""

    def __init__(self, precedence: Precedence, beside: Iterable[Contribution]) -> None:
        self._lane, self._rollups = Lane(precedence), RollupState()
        self._rows: dict[tuple[str, str], Any] = {}
        for contribution in beside:
            self._rollups.apply(contribution)

    def with_more(self, statements: Filed) -> dict[tuple[str, str], Any]:
        """The rows with these statements among the others."""
        for cell, statement in statements:
            self._lane.add(cell, statement)
        changes = self._lane.take_changed()
        for contribution in changes.contributions.values():
            self._rollups.apply(contribution)
        self._rows |= {(ESTIMATES, key): row for key, row in changes.estimates.items()}
        self._rows |= {(OFFICIAL_ACTIONS, key): row for key, row in changes.actions.items()}
        self._rows |= {(name, key): row for name, key, row in self._rollups.take_changed()}
        return self._rows


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
