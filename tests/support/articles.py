"""The five articles' events, and how they fold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from incidentlog.projections.project import project
from incidentlog.schemas import records
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import Sheet, compile_sheet, shipped

DECIDED = datetime(2022, 10, 1, 12, tzinfo=UTC)
Bounds = tuple[int, int | None, int | None]


@cache
def sheets() -> tuple[Sheet, ...]:
    """The shipped sheets, compiled, in their order (S0 to S4)."""
    return tuple(compile_sheet(file, registers=builtin()) for file in shipped())


@cache
def events() -> tuple[Event, ...]:
    """Their events, in the sheets' order."""
    return tuple(event for sheet in sheets() for event in sheet.events)


def event(ref: str) -> Event:
    """The event of one statement, S2-03 for example."""
    return next(each for each in events() if getattr(each.data, "ref", "") == ref)


def rows(given: Iterable[Event], until: str = "") -> dict[tuple[str, str], Any]:
    """The rows by projection and key, as of the day `until` (all days if empty)."""
    statements = [(cell, statement) for _, cell, statement in (records.read(wrap(each)) for each in given)]
    last = date.fromisoformat(until).toordinal() if until else 0
    return {(row.projection, row.key): row for row in project(statements, until=last)}


def bounds(row: Any) -> Bounds:
    """Low, best and high of a row."""
    return row.low, row.best, row.high
