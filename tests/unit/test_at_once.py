"""A number worked out in one go equals the tally's, and where it says that it is not for that, there is a reason."""

from __future__ import annotations

import random

import pytest

from incidentlog.projections.at_once import AtOnce
from incidentlog.projections.cell import CellFold, estimate_of
from incidentlog.projections.merged import Merged
from incidentlog.projections.plain import pack
from incidentlog.projections.rank import rank
from incidentlog.projections.summary import Bounds
from incidentlog.projections.tally import Tally
from incidentlog.projections.wordings import entry_of_merged
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import FIRM, OPEN
from support.worlds import AUTHORITIES, PLACES, Maker

PUBLISHED = ("2022-09-30T23:59:59.999999Z", "2022-09-30T12:00:00.000000Z", "2022-09-30", "2022-10-01T23:59:59.999999Z")
CELL = Cell("rescued", "VNM", "KHM")


def figures(rng: random.Random, count: int, days: int) -> list[Merged]:
    """Statements at odds: figures that fall and rise, days close by or far apart, the same day again and again."""
    made = []
    for number in range(count):
        authority, standing, country = rng.choice(AUTHORITIES)
        cumulative = rng.random() < 0.6
        end = 738000 + rng.randrange(days)
        low = rng.randrange(30)
        best = rng.choice((None, low, low + rng.randrange(4)))
        high = rng.choice((OPEN, low if best is None else best, (low if best is None else best) + rng.randrange(6)))
        start = rng.choice((0, 0, 737990)) if cumulative else end - rng.randrange(9)
        claims = tuple(sorted(f"{rng.randrange(10**9):09}-{number}" for _ in range(rng.choice((1, 1, 1, 3)))))
        made.append(
            Merged(claims, claims, authority, standing, country, rng.choice(PLACES),
                   "cumulative" if cumulative else "increment", start, end, low, best, high,
                   rng.choice((FIRM, FIRM, FIRM, 1, 0)), rng.random() < 0.1, "", rng.choice(PUBLISHED), conflict=False)
        )  # fmt: skip
    return made


def at_once(statements: list[Merged], split: int, *, host_first: bool) -> Bounds | None:
    """The bounds of statements of which so many were packed plainly."""
    tally = Tally(CELL, lambda _: None, lambda _: True, host_first=host_first)
    entries = [entry_of_merged(each, tally.account(each[2:5])) for each in statements[:split]]
    named = {each.part_of for each in statements[split:] if each.part_of}
    found = AtOnce(lambda key: rank(CELL, key[1], key[2], host_first=host_first), named)
    for at in range(0, split, 3):
        found.read(pack(entries[at : at + 3]))
    return found.bounds if found.add(statements[split:]) else None


def expected(statements: list[Merged], *, host_first: bool) -> Bounds:
    estimate = estimate_of(CELL, host_first, statements)
    return estimate.low, estimate.low if estimate.best is None else estimate.best, estimate.high


@pytest.mark.parametrize("seed", range(400))
def test_it_equals_the_tally(seed: int) -> None:
    rng = random.Random(seed)
    statements = figures(rng, rng.randrange(1, 30), rng.choice((3, 40, 400)))
    for host_first in (False, True):
        found = at_once(statements, rng.randint(0, len(statements)), host_first=host_first)
        assert found == expected(statements, host_first=host_first)


@pytest.mark.parametrize("seed", range(200))
def test_worlds_with_containers_and_wordings(seed: int) -> None:
    fold = CellFold(CELL, host_first=False)
    for statement in Maker(random.Random(seed)).world().statements:
        fold.add(statement)
    statements = sorted(fold.merged(), key=lambda each: each.part_of != "")
    plain = sum(not each.part_of for each in statements)
    found = at_once(statements, plain, host_first=False)
    assert found is None or found == expected(statements, host_first=False)
    nested = {each.part_of for each in statements if each.part_of} & {
        name for each in statements if each.part_of for name in each.ids
    }
    assert (found is None) == bool(nested)


@pytest.mark.parametrize("seed", range(200))
def test_stocks(seed: int) -> None:
    rng = random.Random(seed)
    statements = [each._replace(kind="stock") for each in figures(rng, rng.randrange(1, 12), 4)]
    found = at_once(statements, rng.randint(0, len(statements)), host_first=False)
    assert found == expected(statements, host_first=False)


@pytest.mark.parametrize("plain", [0, 1, 2])
def test_it_does_not_take_stocks_beside_flows(plain: int) -> None:
    stock, flow = figures(random.Random(1), 2, 3)
    assert at_once([stock._replace(kind="stock"), flow], plain, host_first=False) is None
