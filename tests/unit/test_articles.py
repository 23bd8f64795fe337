"""What the five articles amount to: the codebook's results, number by number."""

from __future__ import annotations

from random import Random

import pytest

from incidentlog.projections.cell import CellFold
from incidentlog.schemas import records
from incidentlog.schemas.about import ClaimGraded, ClaimRetracted, Target
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.claims import RescueReported
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import Event, about, claimed
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import compile_sheet
from support.articles import DECIDED, Bounds, bounds, event, events, rows

LAST = "2022-09-30"
POSSIBLE = ("S3-12r", "S3-13r", "S3-14r", "S3-15r", "S3-16r", "S3-17r")

RESCUED: dict[str, Bounds] = {
    "VNM": (1000, 1000, None),
    "MYS": (24, 24, None),
    "CHN": (0, None, None),
    "IND": (0, None, 6),
    "BGD": (0, None, 1),
    "TWN": (0, None, 2),
    "QMF": (12, 12, 99),
    "*": (1024, 1024, None),
}
ESTIMATES: dict[str, Bounds] = {
    "repatriated/VNM/KHM": (540, 600, 660),
    "escaped/VNM/KHM": (40, 40, 40),
    "escape_attempted/VNM/KHM": (40, 40, None),
    "recaptured/VNM/KHM": (1, 1, 1),
    "persons_requested/QMF/KHM": (94, 94, 94),
    "rescue_requests/QMF/KHM": (368, 368, 368),
    "complaints/QMF/KHM": (186, 186, 186),
    "cases_investigated/QMF/KHM": (162, 180, 198),
    "found/QMF/KHM": (378, 378, 378),
    "arrested/XXX/KHM": (156, 156, None),
    "sites_raided/XXX/KHM": (89, 89, None),
    "missing/MYS/KHM": (30, 30, None),
    "assisted/VNM/KHM": (1000, 1000, 9999),
}
REQUESTED: dict[str, Bounds] = {
    "*": (94, 94, 94),
    "VNM": (38, 38, 38),
    "CHN": (37, 37, 37),
    "MYS": (9, 9, 9),
    "IND": (6, 6, 6),
    "TWN": (2, 2, 2),
    "BGD": (1, 1, 1),
}
FURTHER = """
article: {sha256: 1111111111111111111111111111111111111111111111111111111111111111}
published: 2022-09-23
authority: VN-MOFA
in: KHM
statements:
  - {ref: F-1, reports: rescued, of: Vietnamese, quantity: "around 1,000", until: 2022-09-21, said_on: 2022-09-22}
  - {ref: F-2, reports: rescued, of: Vietnamese, quantity: over 500, until: 2022-08-20}
"""


def rescued(given: list[Event], until: str = LAST) -> dict[str, Bounds]:
    found = rows(given, until)
    return {key: bounds(row) for (projection, key), row in found.items() if projection == "rescued-by-nationality"}


def without(*refs: str) -> list[Event]:
    return [each for each in events() if getattr(each.data, "ref", "") not in refs]


def target(of: Event) -> Target:
    return Target(type=of.type, cell=str(of.cell), id=of.id)


def graded_firm(ref: str) -> Event:
    claim = event(ref)
    return about(claim.source, ClaimGraded(target=target(claim), grade="firm", decided=DECIDED))


def retracted(ref: str) -> Event:
    claim = event(ref)
    return about(claim.source, ClaimRetracted(target=target(claim), reason="coding_error", decided=DECIDED))


def further() -> list[Event]:
    return compile_sheet(FURTHER, registers=builtin()).events


def test_rescued_by_nationality() -> None:
    found = rescued(list(events()))
    assert {key: found[key] for key in RESCUED} == RESCUED
    assert set(found) == set(RESCUED)


@pytest.mark.parametrize("seed", range(12))
def test_no_order_and_no_repetition_changes_a_row(seed: int) -> None:
    draw = Random(seed)
    shuffled = [*events(), *draw.choices(events(), k=40)]
    draw.shuffle(shuffled)
    expected = rows(events(), LAST)
    found = rows(shuffled, LAST)
    assert {key: bounds_or_none(row) for key, row in found.items()} == {
        key: bounds_or_none(row) for key, row in expected.items()
    }
    assert {key: bounds(found["rescued-by-nationality", key]) for key in RESCUED} == RESCUED


def bounds_or_none(row: object) -> object:
    return (
        getattr(row, "low", None),
        getattr(row, "best", None),
        getattr(row, "high", None),
        getattr(row, "flags", None),
    )


@pytest.mark.parametrize(("key", "expected"), ESTIMATES.items())
def test_other_measures(key: str, expected: Bounds) -> None:
    assert bounds(rows(events(), LAST)["estimates", key]) == expected


def test_persons_requested_with_the_residual() -> None:
    found = rows(events(), LAST)
    assert {key: bounds(found["requests-by-nationality", key]) for key in REQUESTED} == REQUESTED
    assert found["requests-by-nationality", "XXX"].best == 1
    assert "residual" in found["requests-by-nationality", "XXX"].flags


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2022-08-31", (450, 500, 550)), ("2022-09-10", (540, 600, 660)), ("2022-09-25", (1000, 1000, None))],
)
def test_rescued_vietnamese_through_time(until: str, expected: Bounds) -> None:
    assert rescued(list(events()), until)["VNM"] == expected


def test_no_row_before_the_first_claim() -> None:
    assert "VNM" not in rescued(list(events()), "2022-08-24")


@pytest.mark.parametrize(("until", "expected"), [("2022-08-31", (500, 500, 550)), ("2022-09-25", (1000, 1000, 1100))])
def test_two_further_reports(until: str, expected: Bounds) -> None:
    assert rescued([*events(), *further()], until)["VNM"] == expected


def test_the_briefing_in_another_outlet_is_the_same_statement() -> None:
    printed, coded = further()[0].data, event("S2-03").data
    assert printed.statement_key == coded.statement_key  # type: ignore[union-attr]


@pytest.mark.parametrize("before", [True, False], ids=["retracted before", "retracted after"])
def test_retracting_the_newest_total_falls_back(before: bool) -> None:  # noqa: FBT001
    verdicts = [retracted("S2-02"), retracted("S2-03")]
    given = [*verdicts, *events()] if before else [*events(), *verdicts]
    assert rescued(given)["VNM"] == (810, 810, 1138)


def test_grading_the_possible_rescues_firm() -> None:
    found = rescued([*events(), *map(graded_firm, POSSIBLE)])
    assert {key: found[key] for key in ("VNM", "MYS", "CHN", "IND", "BGD", "TWN")} == {
        "VNM": (1038, 1038, None),
        "MYS": (33, 33, None),
        "CHN": (37, 37, None),
        "IND": (6, 6, 6),
        "BGD": (1, 1, 1),
        "TWN": (2, 2, 2),
    }


def test_found_mapped_to_rescued_would_be_another_number() -> None:
    found = event("S3-21")
    content = found.data.model_dump() | {"measure": "rescued", "statement_key": "found as rescued"}
    as_rescued = claimed(found.source, RescueReported.model_validate(content))
    assert bounds(rows([*without("S3-21"), as_rescued], LAST)["estimates", "rescued/QMF/KHM"]) == (390, 390, 477)


def test_arrests_without_the_plural() -> None:
    assert bounds(rows(without("S4-05a"), LAST)["estimates", "arrested/XXX/KHM"]) == (156, 156, 215)
    assert "best_raised" in rows(events(), LAST)["estimates", "arrested/XXX/KHM"].flags


def test_raids_without_the_plurals() -> None:
    assert bounds(rows(without("S4-05", "S2-06"), LAST)["estimates", "sites_raided/XXX/KHM"]) == (88, 88, 88)


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("repatriated/VNM/KHM", "2022-09-06"),
        ("missing/MYS/KHM", "2022-09-09"),
        ("rescued/VNM/KHM", "2022-09-21"),
        ("arrested/XXX/KHM", "2022-09-28"),
    ],
)
def test_the_day_a_number_is_as_of(key: str, day: str) -> None:
    assert rows(events(), LAST)["estimates", key].as_of == day


def test_why_it_is_1000_and_not_2100() -> None:
    cell = Cell.parse("rescued/VNM/KHM")
    fold = CellFold(cell, host_first=False)
    refs = {}
    for each in events():
        if each.cell == cell:
            refs[each.id] = records.read(wrap(each))[2].ref
            fold.add(records.read(wrap(each))[2])
    found = {each.ref: (set(each.treatment), {refs[by] for by in each.by}) for each in fold.lineage()}
    counted = {"counted_in_low", "counted_in_best", "raises_high"}
    assert found == {
        "S2-03": (counted, set()),
        "S2-02": (counted | {"same_statement_as"}, {"S2-03"}),
        "S1-03": ({"absorbed_by"}, {"S2-03"}),
        "S0-07": ({"absorbed_by"}, {"S2-03"}),
        "S2-05": ({"part_of"}, {"S2-03"}),
        "S3-12r": ({"raises_high"}, set()),
    }


def test_the_remainder_of_the_planned_journeys_is_in_no_row() -> None:
    container, part = event("S1-12").data, event("S1-13").data
    assert container.quantity.best - part.quantity.best == 14  # type: ignore[union-attr, operator]
    assert ("estimates", "repatriation_planned/XXX/KHM") not in rows(events(), LAST)
