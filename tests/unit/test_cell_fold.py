"""The fold of one cell gives the known numbers for every order of arrival, with duplicates mixed in."""

from __future__ import annotations

import random

import pytest

from incidentlog.projections.cell import CellFold
from incidentlog.schemas.statements import Statement
from support.all_cases import CASES
from support.article_cases import ARTICLES
from support.fold_cases import Case
from support.plain_fold import PlainFold

ORDERS = 200


def folded(
    case: Case, statements: list[Statement] | tuple[Statement, ...], rng: random.Random | None = None
) -> CellFold:
    """The fold after these statements; with `rng` it is asked for numbers now and then on the way."""
    fold = CellFold(case.parsed, host_first=case.host_first, until=case.until, known=case.known)
    for statement in statements:
        fold.add(statement)
        if rng is not None and rng.random() < 0.3:
            fold.estimate(case.scope)
    return fold


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_numbers_and_flags(case: Case) -> None:
    estimate = folded(case, case.statements).estimate(case.scope)
    assert (estimate and estimate[:3]) == case.numbers
    assert estimate is None or set(estimate.flags) == case.flags


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_order_and_no_repetition_changes_anything(case: Case) -> None:
    rng = random.Random(case.name)
    once = folded(case, case.statements)
    expected = once.estimate(case.scope), once.version, once.lineage(case.scope), once.merged(case.scope)
    for _ in range(ORDERS):
        copies = rng.choices(case.statements, k=rng.randint(0, 4))
        statements = rng.sample([*case.statements, *copies], len(case.statements) + len(copies))
        fold = folded(case, statements, rng)
        found = fold.estimate(case.scope), fold.version, fold.lineage(case.scope), sorted(fold.merged(case.scope))
        assert found == (*expected[:3], sorted(expected[3]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_specification_agrees(case: Case) -> None:
    plain = PlainFold(case.parsed, host_first=case.host_first, until=case.until, known=case.known)
    outcome = plain.fold(case.statements, case.scope)
    assert (outcome and outcome.estimate) == folded(case, case.statements).estimate(case.scope)


def test_adding_says_whether_the_set_changed() -> None:
    case = ARTICLES[0]
    fold = folded(case, case.statements)
    first = case.statements[0]
    earlier, later = (first._replace(recorded=f"2022-{month}-01T00:00:00.000000Z") for month in ("09", "11"))
    assert not fold.add(first)
    assert not fold.add(later)
    assert fold.add(earlier)
    assert not fold.add(first)
    assert fold.version == len(case.statements)


def test_what_a_number_was_counted_from() -> None:
    fold = folded(ARTICLES[0], ARTICLES[0].statements)
    estimate = fold.estimate()
    assert estimate is not None
    assert (estimate.counted, estimate.counted_total, estimate.live, estimate.withdrawn) == (
        ("S2-02", "S2-03"),
        2,
        6,
        0,
    )


def test_scopes_are_the_cell_and_its_subdivisions() -> None:
    arrests = next(case for case in ARTICLES if case.name == "arrests")
    fold = folded(arrests, arrests.statements)
    assert fold.scopes == ["", "KH-12"]
    assert fold.take_changed() == ["", "KH-12"]
    fold.add(arrests.statements[0]._replace(id="another", digest="another"))
    assert fold.take_changed() == [""]
    assert fold.estimate("KH-18") is None
