"""Laws of every projection that ships, and of those users write: replay equals live, twice equals once, in any order."""

from __future__ import annotations

import doctest
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from incidentlog.projections import testing
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.by_nationality import by_nationality
from incidentlog.projections.lane import Lane
from incidentlog.projections.projection import Filed, Projection, ReadModel
from incidentlog.projections.rollups import RollupState
from incidentlog.projections.testing import check_laws, given, run
from incidentlog.schemas import topics
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.contributions import CellContribution, Contribution
from incidentlog.schemas.statements import CLAIM, RETRACTION, Statement
from support.rollup_cases import history


def events_for(projection: Projection[Any, Any], rng: random.Random) -> list[Filed]:
    if projection.name == "official-actions":
        return [_action(number, rng) for number in range(20)]
    return history(rng, 30, sorted(projection.measures) or ["rescued", "sites_raided"])


def _action(number: int, rng: random.Random) -> Filed:
    cell = Cell("official", "XXX", rng.choice(("KHM", "XXX")))
    target = f"e{rng.randrange(number)}" if number and rng.random() < 0.4 else ""
    window = {"edtf": "2022-09-12", "start": None, "end": "2022-09-12"}
    action = {"ref": "A", "authority": {"id": "KH-MOI"}, "window": window, "published": {"edtf": "2022-09-12"}}
    told = {"source": "urn:x", "type": "MeetingHeld", "action": action}
    verb = RETRACTION if target else CLAIM
    return Filed(cell, Statement(f"e{number}", verb, "", "", "A", target, "", 0, None, told))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", PROJECTIONS)
def test_what_ships(name: str, seed: int) -> None:
    events = events_for(PROJECTIONS[name], random.Random(seed))
    assert run(PROJECTIONS[name], events).rows(), "nothing was projected"
    check_laws(PROJECTIONS[name], events, seed=seed)


def test_names_are_those_of_the_topics() -> None:
    assert tuple(PROJECTIONS) == topics.PROJECTIONS


@dataclass
class Widest:
    """A row of a user's own: the cell of one host whose bounds lie farthest apart."""

    key: str
    cells: dict[str, CellContribution]


def _widest() -> Projection[Contribution, Widest]:
    def keys(event: Contribution) -> Iterable[str]:
        return (event.cell.rpartition("/")[2],) if isinstance(event, CellContribution) and not event.scope else ()

    def apply(state: Widest, event: Contribution) -> Widest:
        assert isinstance(event, CellContribution)
        old = state.cells.get(event.cell)
        if old is None or old.version <= event.version:
            state.cells[event.cell] = event
        return state

    def rows(key: str, state: Widest) -> Iterable[tuple[str, dict[str, Any]]]:
        closed = {name: each.high - each.low for name, each in sorted(state.cells.items()) if each.high is not None}
        if closed:
            yield key, {"projection": "widest", "key": key, "cell": max(closed, key=lambda name: closed[name])}

    return Projection("widest", "contributions", keys, lambda key: Widest(key, {}), apply, rows,
                      measures=frozenset({"escaped"}))  # fmt: skip


@pytest.mark.parametrize("mine", [_widest(), by_nationality("escapes-by-nationality", "escaped")])
def test_one_of_your_own(mine: Projection[Any, Any]) -> None:
    events = history(random.Random(1), 30, ["escaped"])
    check_laws(mine, events)
    lane, rollups = Lane(projections=[mine]), RollupState([mine])
    for event in events:
        lane.add(*event)
    for contribution in lane.take_changed().contributions.values():
        rollups.apply(contribution)
    assert {key: row for _, key, row in rollups.take_changed()} == run(mine, events).rows()


def _sum() -> Projection[int, list[int]]:
    def apply(state: list[int], event: int) -> list[int] | None:
        state.append(event)
        return state if sum(state) else None

    return Projection("sum", "statements", lambda _: ("total",), lambda _: [], apply)


def test_a_projection_that_adds_breaks_the_laws() -> None:
    with pytest.raises(AssertionError, match="sum: the same events twice give other rows than once"):
        check_laws(_sum(), [1, 2])
    with pytest.raises(AssertionError, match=r"sum, row total: expected \[1\], got \[1, 1\]"):
        given(_sum()).when(1, times=2).then({"total": [1]})


def test_a_state_that_is_given_up_takes_its_row_away() -> None:
    model = ReadModel(_sum())
    model.apply(1)
    assert model.take_changed() == [("total", [1])]
    model.apply(1)
    assert model.take_changed() == [("total", [1, 1])]
    model.apply(-2)
    assert model.take_changed() == [("total", None)]
    assert model.take_changed() == []


def test_the_example_of_the_helper_runs() -> None:
    results = doctest.testmod(testing)
    assert (results.failed, results.attempted > 3) == (0, True)
