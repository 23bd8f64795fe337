"""The timeline of official actions: what an event says, corrected and retracted, in any order of arrival."""

from __future__ import annotations

import random
from typing import Any

import pytest

from incidentlog.projections.lane import Lane
from incidentlog.projections.official_actions import OFFICIAL_ACTIONS, Shelf, official_actions
from incidentlog.projections.projection import Filed
from incidentlog.projections.testing import check_laws, given, run
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.records import read
from incidentlog.schemas.rows import ActionRow, decode_row, encode_row
from incidentlog.schemas.statements import CORRECTION, RETRACTION, Statement

SHELF = Cell("official", "XXX", "KHM")
ACTION: dict[str, Any] = {
    "ref": "S4-02",
    "authority": {"id": "KH-18-AUTHORITIES", "standing": "state", "country": "KHM", "subdivision": "KH-18"},
    "occasion": "2022-09-12",
    "nationality": "QMF",
    "places": [{"country": "KHM", "subdivision": "KH-18"}],
    "deadline": "2022-09-24",
    "window": {"edtf": "2022-09-12", "start": "2022-09-12", "end": "2022-09-12"},
    "published": {"edtf": "2022-09-12/2022-09-13", "inferred": True},
    "evidence": {"sha256": "0" * 64},
}
ENVELOPE = {
    "id": "a" * 32,
    "source": "urn:sha256:" + "0" * 64,
    "type": "org.incidentlog.OrderIssued.v1",
    "recordedtime": "2022-10-01T00:00:00.000000Z",
    "data": ACTION,
}
ROW = ActionRow(
    projection="official-actions",
    key="a" * 32,
    type="OrderIssued",
    ref="S4-02",
    authority="KH-18-AUTHORITIES",
    relayed_by=None,
    nationality="QMF",
    places=("KH-18",),
    start="2022-09-12",
    end="2022-09-12",
    edtf="2022-09-12",
    quantity=None,
    addressee=None,
    deadline="2022-09-24",
    published="2022-09-12/2022-09-13",
    embargo_until=None,
    source="urn:sha256:" + "0" * 64,
)


def order() -> Filed:
    _, cell, statement = read(ENVELOPE)
    return Filed(cell, statement)


def retract(target: str, name: str, recorded: str = "2022-10-02T00:00:00.000000Z") -> Filed:
    return Filed(SHELF, Statement(name, RETRACTION, recorded, name, "", target, "", 0, None, {"source": "urn:x"}))


def correct(name: str, published: str, **changes: Any) -> Filed:
    told = {"source": "urn:x", "type": "OrderIssued", "action": ACTION | changes, "published": published}
    return Filed(
        SHELF, Statement(name, CORRECTION, "2022-10-02T00:00:00.000000Z", name, "S4-02", "a" * 32, "", 0, None, told)
    )


def test_a_row_says_what_the_event_says() -> None:
    given(OFFICIAL_ACTIONS).when(order(), times=2).then({"a" * 32: ROW})
    assert decode_row(encode_row(ROW)) == ROW


def test_the_correction_published_last_holds() -> None:
    early, late = correct("c1", "2022-09-14", deadline="2022-09-25"), correct("c0", "2022-09-15", deadline="2022-09-26")
    scenario = given(OFFICIAL_ACTIONS, order()).when(early, late).shuffled(orders=20)
    scenario.then({"a" * 32: _corrected(deadline="2022-09-26")})
    scenario.when(retract("c0", "r1")).shuffled(orders=20).then({"a" * 32: _corrected(deadline="2022-09-25")})


def test_retraction_and_its_undo() -> None:
    retracted = given(OFFICIAL_ACTIONS, order()).when(retract("a" * 32, "r1"))
    retracted.shuffled(orders=10).then({"a" * 32: None})
    undone = retracted.when(retract("r1", "r2"))
    undone.shuffled(orders=20).then({"a" * 32: ROW})
    undone.when(retract("r2", "r3")).shuffled(orders=20).then({"a" * 32: None})


def test_retractions_in_a_circle_touch_no_action() -> None:
    circle = [retract("r2", "r1"), retract("r1", "r2"), retract("r3", "r3")]
    given(OFFICIAL_ACTIONS, order()).when(*circle).shuffled().then({"a" * 32: ROW})


def test_of_two_contents_under_one_id_the_first_recorded_holds() -> None:
    other = order().statement._replace(recorded="2022-10-03T00:00:00.000000Z", digest="f" * 32, told={
        "source": "urn:y", "type": "OrderIssued", "action": ACTION | {"deadline": "2023-01-01"}})  # fmt: skip
    given(OFFICIAL_ACTIONS, order()).when(Filed(SHELF, other)).shuffled().then({"a" * 32: ROW})


@pytest.mark.parametrize(
    ("until", "known", "there"),
    [("2022-09-11", "", False), ("2022-09-12", "", True), ("", "2022-09-30", False), ("", "2022-10-01T12", True)],
)
def test_as_of_a_day_and_as_known_at_a_moment(until: str, known: str, there: bool) -> None:  # noqa: FBT001
    from datetime import date

    day = date.fromisoformat(until).toordinal() if until else 0
    events = [order(), retract("a" * 32, "r1")] if known else [order()]
    assert ("a" * 32 in run(official_actions(until=day, known=known), events).rows()) is there


def test_a_lane_tells_each_change_once() -> None:
    lane = Lane()
    assert lane.add(*order())
    assert not lane.add(*order())
    assert lane.take_changed().actions == {"a" * 32: ROW}
    assert lane.take_changed().actions == {}
    lane.add(*retract("a" * 32, "r1"))
    assert lane.take_changed().actions == {"a" * 32: None}


@pytest.mark.parametrize("seed", range(20))
def test_what_a_shelf_tells_adds_up_in_any_order(seed: int) -> None:
    rng = random.Random(seed)
    events = [order(), *(correct(f"c{n}", f"2022-09-{14 + n}", deadline=f"2022-10-0{n + 1}") for n in range(3))]
    for number in range(8):
        events.append(retract(rng.choice(events).statement.id, f"r{number}"))
    expected = run(OFFICIAL_ACTIONS, events).rows()
    check_laws(OFFICIAL_ACTIONS, events, seed=seed)
    shelf, table = Shelf(), {}
    for event in rng.choices(events, k=30) + rng.sample(events, len(events)):
        shelf.add(event.statement)
        table.update(shelf.take_changed())
    assert {key: row for key, row in table.items() if row} == expected


def _corrected(**changes: Any) -> ActionRow:
    row = {name: getattr(ROW, name) for name in ActionRow.__slots__} | {"source": "urn:x"} | changes
    return ActionRow(**row)
