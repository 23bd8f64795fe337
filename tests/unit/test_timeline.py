"""Timelines equal the same history folded from scratch for each day, and for each moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

import orjson
import pytest

from incidentlog.bench.load import Load, events
from incidentlog.projections.project import project
from incidentlog.projections.timeline import Point, grown, learned
from incidentlog.schemas import records
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import Statement

Filed = list[tuple[Cell, Statement]]
PROJECTIONS = ("estimates", "rescued-by-nationality", "missing-by-nationality", "arrests-by-place")


def filed(seed: int) -> Filed:
    """Claims about a dozen cells, mixed ones among them, corrected and retracted more than most; recorded one by one."""
    load = Load.of(150, seed=seed, cells=18, days=60, withdrawn=0.15, parts=0.3, zipf=0.2)
    read = [records.read(orjson.loads(each.value))[1:] for each in events(load)]
    return [
        (cell, each._replace(recorded=f"2024-01-01T00:{n // 60:02}:{n % 60:02}.000000Z"))
        for n, (cell, each) in enumerate(read)
    ]


def keys(history: Filed) -> Iterator[tuple[str, str]]:
    """Every row there is in the end."""
    return ((row.projection, row.key) for row in project(history) if row.projection in PROJECTIONS)


def from_scratch(
    history: Filed, steps: list[tuple[str, int, str]], wheres: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[Point]]:
    """Points of each row at (at, until, known), all folded anew at each, where one differs from the one before."""
    points: dict[tuple[str, str], list[Point]] = {where: [] for where in wheres}
    for at, until, known in steps:
        for row in project(history, until=until, known=known):
            before = points.get((row.projection, row.key))
            if before is not None:
                point = Point(at, row.low, row.best, row.high, row.flags)
                if not before or replace(before[-1], at=at) != point:
                    before.append(point)
    return points


@pytest.mark.parametrize("seed", range(3))
def test_days_as_if_each_were_folded_from_scratch(seed: int) -> None:
    history = filed(seed)
    ends = sorted({each.content.end for _, each in history if each.content is not None})
    steps = [(date.fromordinal(day).isoformat(), day, "") for day in ends]
    found = {where: grown(history, *where) for where in list(keys(history))[::7]}
    assert found == from_scratch(history, steps, found)
    assert max(map(len, found.values())) > 3


@pytest.mark.parametrize("seed", range(3))
def test_moments_as_if_each_were_folded_from_scratch(seed: int) -> None:
    history = filed(seed)
    steps = [(each.recorded, 0, each.recorded) for _, each in history]
    found = {where: learned(history, *where) for where in list(keys(history))[::11]}
    assert found == from_scratch(history, steps, found)
