"""A subscriber who applies every changed row of a set of roll-ups, and what the rows should be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from incidentlog.projections.by_nationality import by_nationality
from incidentlog.projections.by_place import by_place
from incidentlog.projections.projection import Filed, Projection
from incidentlog.projections.rollups import RollupState
from incidentlog.schemas.contributions import Contribution
from incidentlog.schemas.rows import RollupRow
from support.plain_rollup import PlainRollups, Total
from support.rollup_cases import MEASURES, SCOPES

ALL: list[Projection[Any, Any]] = [
    *(by_nationality(f"{measure}-by-nationality", measure) for measure in MEASURES),
    *(by_place(f"{measure}-by-place", measure) for measure in MEASURES),
]
Table = dict[tuple[str, str], Total]


def host_first(measure: str) -> bool:
    return measure == "arrested"


def expected(statements: Iterable[Filed]) -> Table:
    plain = PlainRollups(statements, host_first)
    table: Table = {}
    for measure in MEASURES:
        table |= {(f"{measure}-by-nationality", key): t for key, t in plain.by_nationality(measure).items()}
        table |= {(f"{measure}-by-place", key): t for key, t in plain.by_place(measure, SCOPES).items()}
    return table


def seen(row: RollupRow) -> Total:
    day = date.fromisoformat(row.as_of).toordinal() if row.as_of else 0
    return Total(row.low, row.best, row.high, day, row.flags)


class Follower:
    """What a subscriber holds who applies every changed row."""

    def __init__(self) -> None:
        self.rollups, self.table = RollupState(ALL), {}  # type: tuple[RollupState, Table]

    def follow(self, contributions: Iterable[Contribution]) -> None:
        for contribution in contributions:
            self.rollups.apply(contribution)
        for name, key, row in self.rollups.take_changed():
            if row is None:
                del self.table[name, key]
            else:
                self.table[name, key] = seen(row)
