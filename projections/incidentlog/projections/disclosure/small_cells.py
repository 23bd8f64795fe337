"""Small cells: numbers of so few people that their nationality, place and day together may tell who they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.schemas import iso
from incidentlog.schemas.cells import MIXED
from incidentlog.schemas.errors import InvalidValue

#: Fewer than this are not told of one nationality at one place below its country.
SMALL = 11
#: A measure in a host country: its numbers by place are shown or kept back together.
Block = tuple[str, str]


def small(low: int, best: int | None, high: int | None) -> bool:
    """Whether so few may be meant. Nobody at all is not few."""
    return high != 0 and (low if best is None else best) < SMALL


def crosses(place: str) -> bool:
    """Whether the key of an estimate names one nationality and a place below its country: `arrested/VNM/KHM/KH-12`."""
    parts = place.split("/")
    return len(parts) == 4 and parts[1] not in MIXED


class SmallCells:
    """Which numbers by place the public may not see; follows the estimates, row by row."""

    def __init__(self) -> None:
        self._small: dict[Block, set[str]] = {}

    def apply(self, key: str, row: Mapping[str, Any] | None) -> Block | None:
        """Take in the newest row of an estimate, None for one that is gone. Returns the measure and country whose numbers
        by place are shown from now on, or no longer."""
        if not crosses(key):
            return None
        measure, _, country, _ = key.split("/")
        block = (measure, country)
        found = self._small.setdefault(block, set())
        before = bool(found)
        if row is not None and small(row["low"], row["best"], row["high"]):
            found.add(key)
        else:
            found.discard(key)
        return block if before != bool(found) else None

    def hides(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is a number by place of a measure and country of which one is small.

        A roll-up's row may be newer than the estimates seen so far: what it is made of is looked at as well.
        """
        return any(block in self._small and self._small[block] for block in blocks_of(row)) or any(
            crosses(part.get("cell", "")) and small(part["low"], part["best"], part["high"])
            for part in (row, *row.get("contributions", ()))
            if "low" in part
        )


def blocks_of(row: Mapping[str, Any]) -> list[Block]:
    """The measures and country of a number by place; none for a number of a whole country or of everyone."""
    key: str = row["key"]
    if row["projection"] == "estimates":
        measure, _, country, *scope = key.split("/")
        return [(measure, country)] if scope else []
    projection = PROJECTIONS.get(row["projection"])
    if projection is None or not projection.subdivisions:
        return []
    try:
        country = iso.country_of(key)
    except InvalidValue:
        return []
    return [(measure, country) for measure in sorted(projection.measures)]
