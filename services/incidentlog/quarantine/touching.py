"""Which numbers an open dead letter may touch: nobody knows what it would have said, but where it lay, and what it was called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import orjson

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.quarantine.letters import Letter
from incidentlog.schemas import iso, words
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.cells import OFFICIAL, Cell, cell_of
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.topics import Topics

_UNSPECIFIED = "XXX"


class Reach(NamedTuple):
    """How far a letter reaches: the `cells` that it names; where it names none, all numbers of `measures`, and where nobody can
    say even that much, everything."""

    cells: frozenset[Cell]
    measures: frozenset[str]

    @property
    def unknown(self) -> bool:
        """Whether nobody can say anything."""
        return not self.cells and not self.measures

    def touches(self, projection: str, key: str | None = None) -> bool:
        """Whether a row of a projection, or any of its rows, might be another one without the letter."""
        if self.cells:
            return any(_touches(cell, projection, key) for cell in self.cells)
        if not self.measures:
            return True
        if projection == ESTIMATES:
            return self.measures != {OFFICIAL} if key is None else key.partition("/")[0] in self.measures
        return OFFICIAL in self.measures if projection == OFFICIAL_ACTIONS else not self.measures.isdisjoint(PROJECTIONS[projection].measures)  # fmt: skip

    def keys(self, projection: str) -> list[str] | None:
        """The keys of all rows of a projection that it may touch; None where that may be any of them."""
        if not self.touches(projection):
            return []
        if not self.cells or projection == OFFICIAL_ACTIONS:
            return None
        cells = [cell for cell in self.cells if _touches(cell, projection, None)]
        if projection == ESTIMATES:
            return sorted(map(str, cells))
        if not projection.endswith("nationality"):
            return sorted({cell.country for cell in cells})
        return None if any(cell.mixed for cell in cells) else sorted({key for cell in cells for key in _rows(cell)})


def reach_of(letter: Letter, topics: Topics, registers: Registers) -> Reach:
    """How far a letter reaches, by its key and its event, else by its topic and its type."""
    cells = frozenset(_cells(letter, registers))
    if cells:
        return Reach(cells, frozenset())
    types = {topics.event_type(letter.origin.topic), letter.event_type}
    carried = {measure.name for measure in registers.measures.values() if measure.event_type in types}
    return Reach(frozenset(), frozenset(carried | ({OFFICIAL} if types & ACTION_TYPES.keys() else set())))


def _cells(letter: Letter, registers: Registers) -> Iterator[Cell]:
    """The cells that it names: by its record's key, and by what it holds."""
    named = [(letter.key or b"").decode(errors="replace")]
    with suppress(ValueError, AttributeError):
        named.append(str(orjson.loads(letter.value or b"").get("partitionkey", "")))
    for name in dict.fromkeys(named):
        try:
            cell = Cell.parse(name)
        except InvalidValue:
            continue
        known = cell.official or cell.measure in registers.measures
        place = iso.is_country(cell.country) or cell.country == _UNSPECIFIED
        if known and place and iso.is_nationality(cell.nationality):
            yield cell


def _touches(cell: Cell, projection: str, key: str | None) -> bool:
    if projection == OFFICIAL_ACTIONS or cell.official:
        return projection == OFFICIAL_ACTIONS and cell.official
    if projection == ESTIMATES:
        return key is None or cell_of(key) == str(cell)
    if cell.measure not in PROJECTIONS[projection].measures:
        return False
    if key is None:
        return True
    if projection.endswith("nationality"):
        # What is said of several nationalities together, and the rest that breakdowns leave, is found in other rows as well.
        return cell.mixed or key in _rows(cell)
    return words.country(key) == cell.country


def _rows(cell: Cell) -> tuple[str, ...]:
    """The keys, by nationality, of what a cell is counted in."""
    return cell.nationality, _UNSPECIFIED, words.ALL
