"""Given, when, then: say what a projection does with events, and check that order and repetition do not matter.

A projection of contributions may be given contributions, or the statements that lead to them. Three numbers stand for the
row with that low, best and high; None for a row that is not there.

>>> from incidentlog.projections.rescued_by_nationality import RESCUED_BY_NATIONALITY
>>> from incidentlog.projections.testing import given
>>> from incidentlog.schemas.contributions import CellContribution
>>> def rescued(cell, count, version=1):
...     return CellContribution("rescued-by-nationality", cell, "", version, count, count, count, "2022-09-09", ())
>>> (
...     given(RESCUED_BY_NATIONALITY, rescued("rescued/MYS/KHM", 65))
...     .when(rescued("rescued/MYS/LAO", 10), times=2)
...     .shuffled(orders=3)
...     .then({"MYS": (75, 75, 75), "*": (75, 75, 75), "VNM": None})
... )
>>> given(RESCUED_BY_NATIONALITY).when(rescued("rescued/MYS/KHM", 65)).then({"MYS": (64, 64, 64)})
Traceback (most recent call last):
AssertionError: rescued-by-nationality, row MYS: expected (64, 64, 64), got (65, 65, 65)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from incidentlog.projections.lane import Lane
from incidentlog.projections.projection import Filed, Projection, ReadModel


class Scenario:
    """Events for a projection, in the orders in which they are to be tried."""

    def __init__(self, projection: Projection[Any, Any], events: tuple[Any, ...]) -> None:
        self._projection, self._events = projection, events
        self._orders = [events]

    def when(self, *events: Any, times: int = 1) -> Scenario:
        """Then come `events`, each `times` times, as after a redelivery."""
        return Scenario(self._projection, self._events + events * times)

    def shuffled(self, *, orders: int = 10, seed: int = 0) -> Scenario:
        """Try other orders of all events as well, each event once more in each."""
        scenario = Scenario(self._projection, self._events)
        scenario._orders += [tuple(shuffle(self._events * 2, seed + order)) for order in range(orders)]
        return scenario

    def then(self, expected: Mapping[str, Any]) -> None:
        """AssertionError unless in every order each row named is as expected; rows that are not named may be there."""
        for events in self._orders:
            rows = run(self._projection, events).rows()
            for key, row in expected.items():
                found = _as_expected(row, rows.get(key))
                if found != row:
                    raise AssertionError(f"{self._projection.name}, row {key}: expected {row}, got {found}")


def given(projection: Projection[Any, Any], *events: Any) -> Scenario:
    """A projection that has seen `events`."""
    return Scenario(projection, events)


def run(projection: Projection[Any, Any], events: Iterable[Any]) -> ReadModel[Any, Any]:
    """The projection after `events`, folded one by one."""
    model: ReadModel[Any, Any] = ReadModel(projection)
    for event in _understood(projection, events):
        model.apply(event)
    return model


def check_laws(projection: Projection[Any, Any], events: Iterable[Any], *, orders: int = 3, seed: int = 0) -> None:
    """AssertionError unless the changed rows add up to all rows, and neither order nor repetition changes any."""
    listed = list(_understood(projection, events))
    once = run(projection, listed).rows()
    if _followed(projection, listed) != once:
        raise AssertionError(f"{projection.name}: rows taken change by change differ from a replay from zero")
    if run(projection, listed + listed).rows() != once:
        raise AssertionError(f"{projection.name}: the same events twice give other rows than once")
    for order in range(orders):
        if _followed(projection, shuffle(listed, seed + order)) != once:
            raise AssertionError(f"{projection.name}: another order of events gives other rows")


def shuffle(events: Sequence[Any], seed: int) -> list[Any]:
    """`events` in an order that depends on `seed` alone."""
    places = sorted(range(len(events)), key=lambda place: sha256(f"{seed}/{place}".encode()).digest())
    return [events[place] for place in places]


def _understood(projection: Projection[Any, Any], events: Iterable[Any]) -> Iterable[Any]:
    """`events`, but statements as the contributions they lead to where the projection reads those."""
    if projection.source == "statements":
        yield from events
        return
    lane = Lane(projections=(projection,))
    for event in events:
        if isinstance(event, Filed):
            lane.add(*event)
            yield from lane.take_changed().contributions.values()
        else:
            yield event


def _followed(projection: Projection[Any, Any], events: Iterable[Any]) -> dict[str, Any]:
    model: ReadModel[Any, Any] = ReadModel(projection)
    rows: dict[str, Any] = {}
    for event in events:
        model.apply(event)
        rows.update(model.take_changed())
    return {key: row for key, row in sorted(rows.items()) if row is not None}


def _as_expected(expected: Any, row: Any) -> Any:
    """`row` in the terms of `expected`: its numbers where three numbers are expected."""
    numbers = isinstance(expected, tuple) and len(expected) == 3
    return (row.low, row.best, row.high) if numbers and row is not None else row
