from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incidentlog.projections.disclosure import (
    CLASSIFICATION,
    FULL,
    SMALL,
    Public,
    SmallCells,
    crosses,
    embargo_of,
    opening,
    released,
    small,
)  # fmt: skip
from incidentlog.projections.timeline import Point
from incidentlog.schemas.cells import MIXED
from incidentlog.schemas.statements import CORRECTION, RETRACTION, Statement
from support.shown import PLACES, TODAY, Told, everything, rows_of, worlds

SINGLE = {"VNM", "MYS"}


def estimate(key: str, best: int | None, *, low: int = 0, high: int | None = None) -> dict[str, Any]:
    return {"projection": "estimates", "key": key, "low": low if best is None else best, "best": best, "high": high,
            "as_of": "2022-09-14", "flags": [], "counted": ["S1"], "counted_total": 1, "live": 1, "withdrawn": 0,
            "version": 1}  # fmt: skip


def public(*rows: dict[str, Any], today: date = TODAY, embargoed: tuple[str, ...] = ()) -> Public:
    cells = SmallCells()
    for row in rows:
        cells.apply(row["key"], row)
    return Public(today, cells, embargoed=embargoed)


def line(place: str, best: int | None, **more: Any) -> dict[str, Any]:
    cell, _, scope = place.partition("/KH-")
    return {
        "id": "a" * 32, "ref": "S1", "place": cell, "treatment": ["counted_in_low"], "by": [],
        "reason": "Adds 3 to low.", "cell": cell, "low": best or 0, "best": best, "high": best, "stated": "3",
        "qualifier": "exact", "kind": "increment", "start": "2022-08-30", "end": "2022-09-14", "edtf": "2022-08-30/2022-09-14",
        "authority": "KH-18-AUTH", "relayed_by": None, "subdivision": f"KH-{scope}" if scope else None, "grade": "firm",
        "published": "2022-09-14T10:00:00.000000Z", "source": "https://example.org/1",
    } | more  # fmt: skip


def action(**more: Any) -> dict[str, Any]:
    return {
        "projection": "official-actions", "key": "b" * 32, "type": "MeetingHeld", "ref": "S1", "authority": "KH-18-AUTH",
        "relayed_by": "KHMER-TIMES", "nationality": "VNM", "places": ["KH-18", "KHM"], "start": None, "end": "2022-09-12",
        "edtf": "../2022-09-12", "quantity": {"low": 3, "best": 3, "high": 3, "qualifier": "exact", "counting_unit": "person",
        "stated": "three"}, "addressee": None, "deadline": "2022-09-24", "published": "2022-09-12/2022-09-13",
        "embargo_until": None, "source": "https://example.org/1",
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("low", "best", "high", "few"),
    [(10, 10, 10, True), (11, 11, 11, False), (3, None, 9, True), (0, None, None, True), (0, 0, 0, False),
     (0, None, 0, False), (5, 11, 20, False), (12, None, None, False)],
)  # fmt: skip
def test_few_are_fewer_than_eleven_but_not_nobody(low: int, best: int | None, high: int | None, *, few: bool) -> None:
    assert small(low, best, high) is few
    assert SMALL == 11


def test_one_small_number_by_place_and_nationality_keeps_back_all_numbers_by_place_of_its_measure_and_country() -> None:
    few, many = estimate("arrested/VNM/KHM/KH-18", 3), estimate("arrested/VNM/KHM/KH-12", 40)
    foreign, whole = estimate("arrested/QMF/KHM/KH-12", 5), estimate("arrested/VNM/KHM", 43)
    elsewhere = estimate("arrested/VNM/MMR/MM-13", 40)
    total = {**estimate("KH-12", 45), "projection": "arrests-by-place", "contributions": []}
    view = public(few, many, foreign, whole, elsewhere)
    assert [view.row(each) for each in (few, many, foreign, total)] == [None] * 4
    assert view.row(whole) == whole
    assert view.row(elsewhere) is not None
    raids = {**total, "projection": "raids-by-place"}
    assert view.row(raids) == raids


def test_a_total_is_kept_back_by_what_it_is_made_of_though_the_estimate_was_not_seen_yet() -> None:
    part = {"cell": "arrested/VNM/KHM/KH-12", "low": 3, "best": 3, "high": 3, "as_of": None}
    total = {**estimate("KH-12", 45), "projection": "arrests-by-place", "contributions": [part]}
    assert public().row(total) is None


def test_cells_say_when_the_numbers_of_a_place_come_and_go() -> None:
    cells = SmallCells()
    few = estimate("arrested/VNM/KHM/KH-18", 3)
    assert cells.apply("arrested/VNM/KHM", few) is None
    assert cells.apply("arrested/XXX/KHM/KH-18", few) is None
    assert cells.apply(few["key"], few) == ("arrested", "KHM")
    assert cells.apply(few["key"], few) is None
    assert cells.apply(few["key"], estimate(few["key"], 11)) == ("arrested", "KHM")
    assert cells.apply(few["key"], few) == ("arrested", "KHM")
    assert cells.apply(few["key"], None) == ("arrested", "KHM")


def test_a_larger_number_by_place_and_nationality_is_told_as_of_its_month() -> None:
    row = estimate("arrested/VNM/KHM/KH-18", 30)
    view = public(row)
    assert view.row(row) == {**row, "as_of": "2022-09", "counted": [], "coarsened": ["days"]}
    points = [Point(at, n, n, n, ()) for at, n in
              (("2022-08-02", 3), ("2022-09-01", 9), ("2022-09-14", 12), ("2022-10-02", 30))]  # fmt: skip
    assert [(point.at, point.best) for point in view.points(row, points)] == [("2022-09", 12), ("2022-10", 30)]
    assert view.points(estimate("arrested/VNM/KHM", 30), points) == points


def test_a_small_claim_is_told_as_of_its_country_and_month_by_no_local_office() -> None:
    told = public().claim(
        line(
            "arrested/VNM/KHM/KH-18",
            3,
            note="Told by the police.",
            by=["c" * 32],
            recorded="2022-09-14T11:00:00.000000Z",
            days="from 2022-08-30 to 2022-09-14",
        )
    )
    assert told["subdivision"] is None
    assert (told["start"], told["end"], told["edtf"]) == ("2022-08", "2022-09", "2022-08/2022-09")
    assert (told["authority"], told["published"], told["stated"]) == ("withheld", "2022-09", None)
    assert (told["by"], told["reason"], told["place"]) == ([], "Counted in low.", "arrested/VNM/KHM")
    assert (told["recorded"], told["days"]) == ("2022-09", "from 2022-08 to 2022-09")
    assert "place" in told["coarsened"]
    assert "note" not in told
    assert "KH-18" not in str(told)
    assert public().claim(line("arrested/VNM/KHM/KH-18", 3, authority="VN-MOFA"))["authority"] == "VN-MOFA"
    assert public().claim(line("arrested/VNM/KHM/KH-18", 3, authority="NOT-REGISTERED"))["authority"] == "withheld"


@pytest.mark.parametrize("place", ["arrested/VNM/KHM", "arrested/QMF/KHM/KH-18"])
def test_what_does_not_cross_nationality_and_place_is_told_as_it_is(place: str) -> None:
    few = line(place, 3, note="A group was found.")
    assert public().claim(few) == few
    many = line("arrested/VNM/KHM/KH-18", 11)
    assert public().claim(many) == many


def test_a_paraphrase_that_may_name_somebody_is_not_public() -> None:
    told = line("arrested/VNM/KHM", 30, note="Reached at +855 12 345 678.")
    assert "note" not in public().claim(told)
    assert FULL.claim(told) == told


def test_no_other_claim_leads_to_one_that_was_coarsened() -> None:
    few = line("arrested/VNM/KHM/KH-18", 3)
    other = line(
        "arrested/VNM/KHM/KH-18", 30, id="b" * 32, ref="S2", by=["a" * 32, "c" * 32], reason="Says the same as S1."
    )
    account = public().account(estimate("arrested/VNM/KHM", 33), [few, other])
    assert account.withheld == 0
    assert (account.lines[1]["by"], account.lines[1]["reason"]) == (["c" * 32], "Counted in low.")
    alone = public().claim(other, [few, other])
    assert (alone["by"], alone["reason"]) == (["c" * 32], "Counted in low.")
    there = public().account(estimate("arrested/VNM/KHM/KH-18", 33), [few, other])
    assert (len(there.lines), there.withheld) == (1, 1)


def test_an_official_action_about_few_is_told_as_of_its_countries_and_months() -> None:
    told = public().row(action())
    assert told is not None
    assert (told["places"], told["end"], told["edtf"], told["deadline"]) == (
        ["KHM"],
        "2022-09",
        "../2022-09",
        "2022-09",
    )
    assert (told["authority"], told["relayed_by"], told["published"]) == ("withheld", "KHMER-TIMES", "2022-09")
    assert "stated" not in told["quantity"]
    for same in (action(nationality="QMF"), action(quantity=None), action(places=["KHM"])):
        assert public().row(same) == same


def test_an_official_action_is_not_public_before_the_day() -> None:
    told = action(quantity=None, embargo_until="2022-10-02")
    assert public().row(told) is None
    assert public(today=date(2022, 10, 2)).row(told) == told
    assert FULL.row(told) == told


def about(target: str, verb: str, number: int, told: dict[str, Any], content: Any = None) -> Statement:
    return Statement(
        f"{number:032x}", verb, "2022-09-30T00:00:00.000000Z", "d", "", target, "2022-09-30", 0, content, told
    )


def test_the_correction_that_holds_says_until_when() -> None:
    claim = Told("rescued", "VNM", "", 3, 20, embargo=True).filed(1)[1]
    lifted = about(claim.id, CORRECTION, 2, {"published": "2022-09-29T"}, claim.content)
    longer = about(claim.id, CORRECTION, 3, {"published": "2022-09-30T", "embargo_until": "2023-01-01"}, claim.content)
    undone = about(longer.id, RETRACTION, 4, {})
    assert embargo_of(claim) == date(2022, 12, 24)
    assert released([claim], TODAY) == []
    assert opening([claim], TODAY) == date(2022, 12, 24)
    assert released([claim], date(2022, 12, 24)) == [claim]
    assert claim in released([claim, lifted], TODAY)
    assert opening([claim, lifted, longer], TODAY) == date(2023, 1, 1)
    assert claim in released([claim, lifted, longer, undone], TODAY)


@pytest.mark.parametrize(
    ("projection", "key", "kept"),
    [("estimates", "persons_requested/VNM/KHM", True), ("estimates", "persons_requested/VNM/KHM/KH-18", True),
     ("estimates", "persons_requested/MYS/KHM", False), ("requests-by-nationality", "VNM", True),
     ("requests-by-nationality", "*", True), ("requests-by-nationality", "XXX", True),
     ("requests-by-nationality", "MYS", False), ("rescued-by-nationality", "VNM", False)],
)  # fmt: skip
def test_no_number_is_told_that_something_under_embargo_was_counted_in(
    projection: str, key: str, *, kept: bool
) -> None:
    row = {**estimate(key, 40), "projection": projection, "contributions": []}
    view = public(embargoed=("persons_requested/VNM/KHM",))
    assert (view.row(row) is None) is kept


def test_each_view_says_how_its_answers_are_classified() -> None:
    assert {FULL.view: "restricted", public().view: "public"} == CLASSIFICATION


def nothing_small(told: dict[str, Any]) -> None:
    """No number or claim below eleven crosses nationality and place, and none that does has a day."""
    for name, each in told.items():
        parts = name.split(" ")[1].split("/")
        fine = len(parts) == 4 and parts[1] not in MIXED
        if fine:
            assert not small(each["row"]["low"], each["row"]["best"], each["row"]["high"])
            assert len(each["row"]["as_of"] or "2022-09") == 7
            assert all(len(point["at"]) == 7 for point in each["timeline"])
        for claim in each["account"]["lines"]:
            if claim["cell"].split("/")[1] in SINGLE and claim["subdivision"]:
                assert not small(claim["low"], claim["best"], claim["high"])


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_nothing_small_is_in_the_public_view_of_any_world(world: list[Told]) -> None:
    nothing_small(everything(world))


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_nothing_under_embargo_is_in_the_public_view_of_any_world(world: list[Told]) -> None:
    numbered = [told if not told.embargo else told._replace(day=28) for told in world]
    without = [told for told in numbered if not told.embargo]
    stripped = [
        {name: each["row"].get("best") for name, each in everything(found).items()} for found in (numbered, without)
    ]
    assert stripped[0] == stripped[1]


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_the_full_view_is_everything_there_is(world: list[Told]) -> None:
    told = everything(world, full=True)
    lines = {claim["id"]: claim for each in told.values() for claim in each["account"]["lines"]}
    assert len(lines) == len(world)
    assert all("coarsened" not in claim and claim["note"] for claim in lines.values())
    for number, claim in enumerate(world):
        assert lines[f"{number:032x}"]["subdivision"] == (claim.place or None)


@settings(max_examples=40, deadline=None)
@given(worlds, st.randoms(use_true_random=False))
def test_where_few_people_were_cannot_be_derived_from_all_that_is_shown(world: list[Told], rng: Any) -> None:
    """Had they been elsewhere, the public would be told the same, number for number and claim for claim."""
    open_claims = [told._replace(embargo=False) for told in world]
    few = [told for told in open_claims if told.nationality in SINGLE and told.place and 0 < told.best < SMALL]
    assume(few)
    moved = [told._replace(place=rng.choice(PLACES)) if told in few else told for told in open_claims]
    assume(_kept_back(open_claims) == _kept_back(moved) == {told.measure for told in few})
    assert everything(open_claims) == everything(moved)


def _kept_back(world: list[Told]) -> set[str]:
    """The measures whose numbers by place the public does not see."""
    rows = rows_of(told.filed(number) for number, told in enumerate(world))
    return {
        key.split("/")[0]
        for (projection, key), row in rows.items()
        if projection == "estimates" and crosses(key) and small(row["low"], row["best"], row["high"])
    }
