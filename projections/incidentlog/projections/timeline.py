"""Timelines: how a number grew, day by day, and when it was learned, moment by moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.project import Projector
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.rows import EstimateRow, RollupRow
from incidentlog.schemas.statements import Statement

#: The first day there is: no claim's window ends on it.
_BEFORE_ALL = 1
Filed = Sequence[tuple[Cell, Statement]]


@dataclass(frozen=True, slots=True)
class Point:
    """A number from a day on (`at` as an ISO day), or from a moment on (RFC 3339, UTC); bounds as in rows."""

    at: str
    low: int
    best: int | None
    high: int | None
    flags: tuple[str, ...]


def grown(filed: Filed, projection: str, key: str, precedence: Precedence = by_default) -> list[Point]:
    """What had happened by each day on which that changed, as known now. `filed` are the statements of the cells behind the
    row `key`; they are folded once, and day after day more of them count."""
    return _changes(_grown(filed, projection, key, precedence))


def learned(filed: Filed, projection: str, key: str, precedence: Precedence = by_default) -> list[Point]:
    """What was known at each moment at which that changed, of all that happened."""
    return _changes(_learned(filed, projection, key, precedence))


def _grown(filed: Filed, projection: str, key: str, precedence: Precedence) -> Iterator[tuple[str, Any]]:
    projector = Projector(precedence, until=_BEFORE_ALL, projections=[PROJECTIONS[projection]])
    for cell, statement in filed:
        projector.add(cell, statement)
    days: dict[int, dict[Cell, list[str]]] = {}
    for day, cell, name in projector.later():
        days.setdefault(day, {}).setdefault(cell, []).append(name)
    for day, cells in sorted(days.items()):
        for cell, names in cells.items():
            projector.extend(day, cell, names)
        yield date.fromordinal(day).isoformat(), _find(projector.changed(), projection, key)


def _learned(filed: Filed, projection: str, key: str, precedence: Precedence) -> Iterator[tuple[str, Any]]:
    recorded = sorted(filed, key=lambda each: each[1].recorded)
    projector = Projector(precedence, projections=[PROJECTIONS[projection]])
    for moment, group in groupby(recorded, key=lambda each: each[1].recorded):
        for cell, statement in group:
            projector.add(cell, statement)
        yield moment, _find(projector.changed(), projection, key)


def _find(rows: Iterable[Any], projection: str, key: str) -> EstimateRow | RollupRow | None:
    return next((row for row in rows if row.key == key and row.projection == projection), None)


def _changes(rows: Iterable[tuple[str, EstimateRow | RollupRow | None]]) -> list[Point]:
    points: list[Point] = []
    for at, row in rows:
        if row is not None:
            point = Point(at, row.low, row.best, row.high, row.flags)
            if not points or replace(points[-1], at=at) != point:
                points.append(point)
    return points
