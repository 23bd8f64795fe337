"""Claims that are said to contain each other count for themselves, until one of the circle goes."""

from __future__ import annotations

from itertools import permutations

import pytest

from incidentlog.projections.cell import CellFold
from incidentlog.projections.flags import CONTAINMENT_IGNORED
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import Statement
from support.fold_cases import claim, correction, exact, retraction

CELL = Cell("rescued", "VNM", "KHM")


def circle(size: int) -> list[Statement]:
    """Each claim part of the next, the last one part of the first."""
    return [
        claim(f"S{n}", exact(10 * (n + 1)), f"09-{n + 1:02}", "VN-MOFA", part_of=f"S{(n + 1) % size}")
        for n in range(size)
    ]


def folded(statements: tuple[Statement, ...] | list[Statement]) -> CellFold:
    fold = CellFold(CELL, host_first=False)
    for statement in statements:
        fold.add(statement)
        fold.estimate()
    return fold


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_circle_is_ignored_and_flagged(size: int) -> None:
    estimate = folded(circle(size)).estimate()
    assert estimate is not None
    assert estimate.low == sum(10 * (n + 1) for n in range(size))
    assert CONTAINMENT_IGNORED in estimate.flags


@pytest.mark.parametrize("gone", ["S0", "S1", "S2", "S3"])
def test_a_circle_that_breaks_contains_again(gone: str) -> None:
    claims = circle(4)
    rest = folded([each for each in claims if each.id != gone])
    expected, merged = rest.estimate(), sorted(rest.merged())
    assert expected is not None
    assert CONTAINMENT_IGNORED not in expected.flags
    for order in permutations([*claims, retraction("R", gone)]):
        fold = folded(order)
        found = fold.estimate()
        assert found is not None
        assert found._replace(withdrawn=0) == expected
        assert sorted(fold.merged()) == merged


@pytest.mark.parametrize("moved", ["S0", "S1", "S2"])
def test_a_circle_that_a_correction_opens_contains_again(moved: str) -> None:
    claims = circle(3)
    free = {each.id: claim(each.id, exact(5), "09-20", "VN-MOFA") for each in claims}
    expected = folded([free[each.id] if each.id == moved else each for each in claims]).estimate()
    for order in permutations([*claims, correction("C", free[moved], target=moved)]):
        assert folded(order).estimate() == expected
