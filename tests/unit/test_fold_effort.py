"""A claim costs no more for the thousands that stand beside it, however they are related to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

import pytest

from incidentlog.projections.cell import CellFold
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import BY_KEY, FIRM, OPEN, POSSIBLE, Statement
from support.fold_cases import claim, exact, over, retraction
from support.work import operations

CELL = Cell("rescued", "VNM", "KHM")
FEW, MANY = 300, 1200
#: Claims that come after so many others, to be measured.
MORE = 20
Cases = Callable[[int], Iterable[Statement]]


def wordings(count: int) -> Iterator[Statement]:
    """One utterance, each outlet with a number of its own."""
    rng = random.Random(count)
    for n in range(count):
        low = rng.randint(1, 400)
        numbers = low, rng.choice([low, None]), rng.choice([low, 500, OPEN])
        yield claim(f"U{n}", numbers, "09-01", "VN-MOFA", key="U")


def graded_wordings(count: int) -> Iterator[Statement]:
    """One utterance, few outlets sure of it, each saying that it is part of what that outlet printed."""
    for n in range(count):
        grade, numbers = FIRM if n % 50 == 0 else POSSIBLE, (n % 5, n % 7, 100 + n % 3)
        yield claim(f"U{n}", numbers, "09-01", "VN-MOFA", key="U", grade=grade, part_of=f"U{n}")


def wordings_with_parts(count: int) -> Iterator[Statement]:
    """Each wording contains a claim of its own."""
    for n in range(count // 2):
        yield claim(f"U{n}", (n % 9, n % 9, 500), "09-01", "VN-MOFA", key="U")
        yield claim(f"P{n}", exact(2), "09-02", "VN-MOFA", part_of=f"U{n}")


def wordings_withdrawn(count: int) -> Iterator[Statement]:
    """All wordings, then one retraction after the other."""
    yield from wordings(count)
    for n in range(count // 2):
        yield retraction(f"R{n}", f"U{n}")


def withdrawn_together(count: int) -> Iterator[Statement]:
    """A retraction of the utterance, before any outlet printed it."""
    yield retraction("R", f"{BY_KEY}U")
    yield from wordings(count)


def parts(count: int) -> Iterator[Statement]:
    """One total and its breakdown."""
    yield claim("U0", exact(5000), "09-01", "VN-MOFA")
    for n in range(1, count):
        yield claim(f"U{n}", exact(3), "09-01", "VN-MOFA", part_of="U0")


def parts_withdrawn(count: int) -> Iterator[Statement]:
    """A breakdown, then one retraction after the other."""
    yield from parts(count)
    for n in range(1, count // 2):
        yield retraction(f"R{n}", f"U{n}")


def crowd_withdrawn(count: int) -> Iterator[Statement]:
    """Claims of the same days, then one retraction after the other."""
    for n in range(count):
        yield claim(f"U{n}", exact(3), "09-01/09-03", "VN-MOFA")
    for n in range(1, count // 2):
        yield retraction(f"R{n}", f"U{n}")


def chain(count: int) -> Iterator[Statement]:
    """Each claim part of the one before it."""
    for n in range(count):
        yield claim(f"U{n}", exact(3), "09-01", "VN-MOFA", part_of=f"U{n - 1}")


def chain_from_below(count: int) -> Iterator[Statement]:
    """Each claim contains the one before it."""
    for n in range(count):
        yield claim(f"U{n}", exact(3), "09-01", "VN-MOFA", part_of=f"U{n + 1}")


def totals_of_one_day(count: int) -> Iterator[Statement]:
    """Ever greater totals, all as of one day."""
    for n in range(count):
        yield claim(f"U{n:05}", over(n // 3), "../09-01", "VN-MOFA")


CASES: list[Cases] = [
    wordings, graded_wordings, wordings_with_parts, wordings_withdrawn, withdrawn_together, parts, parts_withdrawn, chain,
    chain_from_below, totals_of_one_day, crowd_withdrawn,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_effort_does_not_grow_with_the_cell(case: Cases) -> None:
    assert effort(case, MANY) < 1.5 * effort(case, FEW) + 40 * MORE


def test_all_wordings_are_withdrawn_in_one_pass() -> None:
    few, many = (operations(_withdrawal(count)) for count in (FEW, MANY))
    assert many < 1.5 * few * MANY / FEW


def effort(case: Cases, count: int) -> int:
    """What the last few statements of a case cost, with an estimate after each."""
    statements = list(case(count))
    fold = CellFold(CELL, host_first=False)
    for statement in statements[:-MORE]:
        fold.add(statement)
    fold.estimate()

    def rest() -> None:
        for statement in statements[-MORE:]:
            fold.add(statement)
            fold.estimate()

    return operations(rest)


def _withdrawal(count: int) -> Callable[[], object]:
    fold = CellFold(CELL, host_first=False)
    for statement in wordings(count):
        fold.add(statement)
    fold.estimate()

    def withdraw() -> None:
        fold.add(retraction("R", f"{BY_KEY}U"))
        estimate = fold.estimate()
        assert estimate is not None
        assert estimate.live == 0
        assert estimate.withdrawn == count

    return withdraw


def test_a_chain_of_undoing_is_settled_in_one_pass() -> None:
    few, many = (operations(_undoing(count)) for count in (FEW, MANY))
    assert many < 1.5 * few * MANY / FEW


def _undoing(count: int) -> Callable[[], object]:
    """One more retraction at the end of a chain in which each takes back the one before it."""
    fold = CellFold(CELL, host_first=False)
    fold.add(claim("R0", exact(3), "09-01", "VN-MOFA"))
    fold.add(retraction("R1", "R0"))
    for n in range(2, count):
        fold._events.add(retraction(f"R{n}", f"R{n - 1}"))
    return lambda: fold.add(retraction(f"R{count}", f"R{count - 1}"))
