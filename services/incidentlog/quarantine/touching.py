"""Which numbers an open dead letter may touch: nobody knows what it would have said, but where it lay, and what it was called."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress

import orjson

from incidentlog.quarantine.letters import Letter
from incidentlog.schemas import iso
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

ALL = "*"


def may_touch(letter: Letter, measures: Collection[str], key: str, topics: Topics, registers: Registers) -> bool:
    """Whether a number under `key`, counted from cells of `measures` (empty: of any), might be another one without the letter.

    Its cell decides where its key or its event names one; else every number that its topic or its type counts in is in doubt.
    """
    cells = list(_cells(letter))
    if cells:
        return any(
            not cell.official and (not measures or cell.measure in measures) and _under(cell, key) for cell in cells
        )
    types = {topics.event_type(letter.origin.topic), letter.event_type}
    carried = {measure.name for measure in registers.measures.values() if measure.event_type in types}
    return bool(carried & set(measures) if measures else carried)


def _cells(letter: Letter) -> Iterator[Cell]:
    """The cells that it names: by its record's key, and by what it holds."""
    named = [(letter.key or b"").decode(errors="replace")]
    with suppress(ValueError, AttributeError):
        named.append(str(orjson.loads(letter.value or b"").get("partitionkey", "")))
    for name in dict.fromkeys(named):
        try:
            cell = Cell.parse(name)
        except InvalidValue:
            continue
        if iso.is_nationality(cell.nationality) and (iso.is_country(cell.country) or cell.official):
            yield cell


def _under(cell: Cell, key: str) -> bool:
    """Whether a row of this key may count the cell: its nationality or place, a mixed cell under any nationality, or all."""
    country = iso.country_of(key) if iso.is_subdivision(key) else key
    return key == ALL or country in cell or cell.mixed or f"{key}/".startswith(f"{cell}/")
