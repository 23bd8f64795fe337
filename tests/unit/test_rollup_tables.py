"""The codebook's tables, as far as several cells take part in them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from incidentlog.projections.project import project
from incidentlog.projections.projection import Filed
from incidentlog.schemas.rows import CellPart, HostPart, ResidualPart, RollupRow
from support.rollup_cases import claim, day, retraction

VN: dict[str, Any] = {"authority": "VN-MOFA", "country": "VNM"}
MY: dict[str, Any] = {"authority": "MY-MOFA", "country": "MYS"}
POSSIBLE: dict[str, Any] = {"grade": 0, "start": day("2022-09-26")}
REQUESTED: dict[str, Any] = {"start": day("2022-09-26"), "authority": "KH-MOI"}
CLAIMED = {"VNM": 38, "MYS": 9, "IND": 6, "BGD": 1, "CHN": 37, "TWN": 2}

RESCUED = [
    claim("rescued/VNM/KHM", "S2-03", 1000, 1000, None, kind="cumulative", start=0, end=day("2022-09-21"), **VN),
    claim("rescued/VNM/KHM", "S3-12r", 38, **POSSIBLE),
    claim("rescued/MYS/KHM", "S4-15", 24, start=day("2022-09-09"), end=day("2022-09-09"), prior_unknown=True, **MY),
    claim("rescued/MYS/KHM", "S3-13r", 9, **POSSIBLE),
    claim("rescued/CHN/KHM", "S3-07", 0, None, None, authority="CN-EMBASSY", country="CHN"),
    claim("rescued/CHN/KHM", "S3-16r", 37, **POSSIBLE),
    *(claim(f"rescued/{n}/KHM", f"r-{n}", CLAIMED[n], **POSSIBLE) for n in ("IND", "BGD", "TWN")),
    claim("rescued/QMF/KHM", "S4-04", 12, None, 99, start=day("2022-08-12"), end=day("2022-09-12")),
]
REQUESTS = [
    claim("persons_requested/QMF/KHM", "S3-11", 94, **REQUESTED),
    *(claim(f"persons_requested/{n}/KHM", f"p-{n}", c, part_of="S3-11", **REQUESTED) for n, c in CLAIMED.items()),
]
# A host's total of 7,141 whose published breakdown comes to 17 more.
BREAKDOWN = {"XXA": 9, "TWN": 25, "CHN": 4000, "VNM": 3124}
OVER = [
    claim("rescued/QMF/MMR", "total", 7141),
    *(claim(f"rescued/{n}/MMR", f"part-{n}", count, part_of="total") for n, count in BREAKDOWN.items()),
]
ONE_LIST = [claim(f"rescued/MYS/{c}", c, n, **MY) for c, n in {"KHM": 65, "LAO": 10, "THA": 10, "MMR": 2}.items()]


def rows(statements: list[Filed], projection: str, seed: int = 0) -> dict[str, RollupRow]:
    rng = random.Random(seed)
    everything = rng.sample(statements * 2, len(statements) * 2)
    return {row.key: row for row in project(everything) if row.projection == projection}


def numbers(row: RollupRow) -> tuple[int, int | None, int | None]:
    return row.low, row.best, row.high


@pytest.mark.parametrize("seed", range(5))
def test_rescued_by_nationality(seed: int) -> None:
    table = rows(RESCUED, "rescued-by-nationality", seed)
    assert {key: numbers(row) for key, row in table.items()} == {
        "*": (1024, 1024, None),
        "VNM": (1000, 1000, None),
        "MYS": (24, 24, None),
        "CHN": (0, None, None),
        "IND": (0, None, 6),
        "BGD": (0, None, 1),
        "TWN": (0, None, 2),
        "QMF": (12, 12, 99),
    }
    assert table["*"].as_of == "2022-09-21"
    assert table["*"].contributions == (HostPart("KHM", 1024, 1024, None, "2022-09-21"),)
    assert table["VNM"].contributions == (CellPart("rescued/VNM/KHM", 1000, 1000, None, "2022-09-21"),)


@pytest.mark.parametrize("seed", range(5))
def test_requests_and_their_residual(seed: int) -> None:
    table = rows(REQUESTS, "requests-by-nationality", seed)
    exact = {**CLAIMED, "XXX": 1, "QMF": 94, "*": 94}
    assert {key: numbers(row) for key, row in table.items()} == {key: (n, n, n) for key, n in exact.items()}
    assert table["XXX"].flags == ("residual",)
    assert table["XXX"].contributions == (ResidualPart("persons_requested/QMF/KHM", 1, 1, 1, "2022-09-28"),)


def test_a_residual_adds_to_the_unspecified_of_its_own() -> None:
    unspecified = claim("persons_requested/XXX/KHM", "others", 5, **REQUESTED)
    table = rows([*REQUESTS, unspecified], "requests-by-nationality")
    assert numbers(table["XXX"]) == (6, 6, 6)
    assert numbers(table["*"]) == (99, 99, 99)


def test_a_remainder_the_source_names_itself_is_not_counted_twice() -> None:
    named = claim("persons_requested/XXX/KHM", "S3-18", 1, part_of="S3-11", **REQUESTED)
    table = rows([*REQUESTS, named], "requests-by-nationality")
    assert numbers(table["XXX"]) == (1, 1, 1)
    assert "residual" not in table["XXX"].flags
    assert numbers(table["*"]) == (94, 94, 94)


def test_what_an_unspecified_total_leaves_is_unspecified_already() -> None:
    total, part = claim("rescued/XXX/KHM", "total", 50), claim("rescued/VNM/KHM", "part", 30, part_of="total")
    table = rows([total, part], "rescued-by-nationality")
    assert numbers(table["XXX"]) == numbers(table["*"]) == (50, 50, 50)


def test_remainders_of_one_growing_series_do_not_add() -> None:
    series: dict[str, Any] = {"kind": "cumulative", "start": 0}
    early, late = series | {"end": day("2022-09-06")}, series | {"end": day("2022-09-21")}
    statements = [
        claim("rescued/QMF/KHM", "t1", 94, **early),
        claim("rescued/VNM/KHM", "p1", 90, part_of="t1", **early),
        claim("rescued/QMF/KHM", "t2", 200, **late),
        claim("rescued/VNM/KHM", "p2", 190, part_of="t2", **late),
    ]
    table = rows(statements, "rescued-by-nationality")
    assert numbers(table["XXX"]) == (10, 10, 10)
    assert numbers(table["*"]) == (200, 200, 280)


@pytest.mark.parametrize(("low", "best", "grade"), [(94, 94, 1), (0, None, 2)])
def test_an_uncertain_total_leaves_no_residual(low: int, best: int | None, grade: int) -> None:
    total = claim("persons_requested/QMF/KHM", "S3-11", low, best, 94, grade=grade, **REQUESTED)
    table = rows([total, *REQUESTS[1:]], "requests-by-nationality")
    assert "XXX" not in table
    assert numbers(table["*"]) == (93, 93, 94)


def test_parts_of_a_withdrawn_total_count_for_themselves() -> None:
    table = rows([*REQUESTS, retraction(REQUESTS[0], "undo")], "requests-by-nationality")
    assert "XXX" not in table
    assert numbers(table["*"]) == (93, 93, 93)
    assert numbers(table["QMF"]) == (0, None, 0)


@pytest.mark.parametrize("seed", range(5))
def test_parts_that_exceed_their_total(seed: int) -> None:
    table = rows(OVER, "rescued-by-nationality", seed)
    assert numbers(table["*"]) == (7141, 7141, 7158)
    assert table["*"].flags == ("over_attributed",)
    assert sum(BREAKDOWN.values()) == 7158


@pytest.mark.parametrize(("measure", "best"), [("arrested", 10), ("rescued", 20)])
def test_what_is_not_attributed_ranks_authorities_as_its_cell_does(measure: str, best: int) -> None:
    august: dict[str, Any] = {"start": day("2022-08-01"), "end": day("2022-08-02")}
    statements = [
        claim(f"{measure}/VNM/KHM", "host", 5, 10, 30),
        claim(f"{measure}/VNM/KHM", "origin", 5, 20, 30, **VN),
        claim(f"{measure}/VNM/KHM", "part", 4, part_of="total", **august),
        claim(f"{measure}/QMF/KHM", "total", 4, **august),
    ]
    name, key = ("arrests-by-place", "KHM") if measure == "arrested" else ("rescued-by-nationality", "*")
    assert numbers(rows(statements, name)[key]) == (5, best, 64)


def test_one_list_over_four_hosts() -> None:
    table = rows(ONE_LIST, "rescued-by-nationality")
    assert numbers(table["MYS"]) == numbers(table["*"]) == (87, 87, 87)
    assert [part.host for part in table["*"].contributions if isinstance(part, HostPart)] == [
        "KHM",
        "LAO",
        "MMR",
        "THA",
    ]


def test_arrests_by_place() -> None:
    series: dict[str, Any] = {"kind": "cumulative", "start": day("2022-09-17"), "authority": "KH-MOI"}
    capital = {"subdivision": "KH-12", "authority": "KH-12-AUTHORITIES"}
    on = day("2022-09-08")
    statements = [
        claim("arrested/XXX/KHM", "S1-11", 1, start=day("2022-08-22"), end=day("2022-08-22")),
        claim("arrested/XXX/KHM", "S4-05a", 2, None, None, start=day("2022-08-12"), end=day("2022-09-12")),
        claim("arrested/XXX/KHM", "S4-07", 3, None, 9, **(capital | {"start": on, "end": on, "authority": "KH-MP"})),
        claim("arrested/XXX/KHM", "S3-22", 53, **series),
        claim("arrested/XXX/KHM", "S3-24", 152, **(series | capital)),
    ]
    table = rows(statements, "arrests-by-place")
    assert {key: numbers(row) for key, row in table.items()} == {"KHM": (156, 156, None), "KH-12": (155, 155, 161)}
    assert "best_raised" in table["KHM"].flags
    assert table["KH-12"].contributions == (CellPart("arrested/XXX/KHM/KH-12", 155, 155, 161, "2022-09-28"),)
