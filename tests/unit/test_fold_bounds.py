"""In simulated worlds whose authorities tell the truth, low and high bound the people they speak of."""

from __future__ import annotations

import random

import pytest

from incidentlog.projections.cell import CellFold
from incidentlog.projections.estimate import Estimate
from incidentlog.schemas.cells import Cell
from support.fold_mutants import MUTANTS
from support.worlds import Maker, World

CELL = Cell("rescued", "VNM", "KHM")
WORLDS = 10_000
BLOCKS = 10


def estimates(world: World) -> dict[str, Estimate | None]:
    """What a world's statements come to, by scope."""
    fold = CellFold(CELL, host_first=False)
    for statement in world.statements:
        fold.add(statement)
    return {scope: fold.estimate(scope) for scope in fold.scopes}


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_bounds_hold(block: int) -> None:
    closed = 0
    for seed in range(block * WORLDS // BLOCKS, (block + 1) * WORLDS // BLOCKS):
        world = Maker(random.Random(seed)).world()
        found = estimates(world)
        assert found
        for scope, estimate in found.items():
            assert estimate is not None
            people = world.seen[scope].bit_count()
            assert estimate.low <= people <= estimate.high, (seed, scope)
            assert estimate.low <= (estimate.low if estimate.best is None else estimate.best) <= estimate.high
            closed += estimate.high < 1000
    assert closed > WORLDS // BLOCKS // 10, "worlds whose every high is open would prove nothing"


@pytest.mark.parametrize("name", ["the sum of all windows", "the greatest authority", "touching days apart"])
def test_these_worlds_can_tell(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    next(mutant for mutant in MUTANTS if mutant.name == name).plant(monkeypatch)
    worlds = (Maker(random.Random(seed)).world() for seed in range(1000))
    found = [(world, estimates(world)[""]) for world in worlds]
    assert any(not e.low <= world.seen[""].bit_count() <= e.high for world, e in found if e is not None)
