"""Roll-ups equal the plain specification of step 9 after every statement, in any order, however often told."""

from __future__ import annotations

import random
from zlib import crc32

import pytest

from incidentlog.projections.lane import Changes, Lane, StoredStatementInvalid
from incidentlog.projections.project import project
from incidentlog.projections.telling import BLOCK
from incidentlog.schemas.contributions import (
    BlockContribution,
    CellContribution,
    decode_contribution,
    encode_contribution,
)
from incidentlog.schemas.records import dump
from incidentlog.schemas.rows import RollupRow
from support.rollup_cases import claim, history, retraction
from support.rollup_follower import ALL, Follower, expected, host_first, seen


@pytest.mark.parametrize("seed", range(20))
def test_each_step_equals_the_specification(seed: int) -> None:
    statements = history(random.Random(seed), 30)
    lane, follower = Lane(host_first, projections=ALL), Follower()
    for number, filed in enumerate(statements, 1):
        lane.add(*filed)
        follower.follow(lane.take_changed().contributions.values())
        assert follower.table == expected(statements[:number])


@pytest.mark.parametrize("seed", range(20))
def test_order_repetition_and_partitions_change_nothing(seed: int) -> None:
    rng = random.Random(seed)
    statements = history(rng, 60)
    lanes = [Lane(host_first, projections=ALL) for _ in range(3)]
    told: list[bytes] = []
    for filed in rng.sample(statements, len(statements)) + rng.choices(statements, k=20):
        lane = lanes[crc32(str(filed.cell).encode()) % 3]
        lane.add(*filed)
        if rng.random() < 0.5:
            told += map(encode_contribution, lane.take_changed().contributions.values())
    told += [encode_contribution(each) for lane in lanes for each in lane.take_changed().contributions.values()]
    rng.shuffle(told)
    follower = Follower()
    for raw in told + rng.choices(told, k=len(told)):
        follower.follow([decode_contribution(raw)])
    assert follower.table == expected(statements)


@pytest.mark.parametrize("seed", range(10))
def test_folding_in_one_go_gives_the_same(seed: int) -> None:
    statements = history(random.Random(seed), 60)
    rows = project(statements, host_first, projections=ALL)
    assert {(r.projection, r.key): seen(r) for r in rows if isinstance(r, RollupRow)} == expected(statements)
    assert [(r.projection, r.key) for r in rows] == sorted((r.projection, r.key) for r in rows)


@pytest.mark.parametrize("seed", range(20))
def test_restarts_lose_nothing(seed: int) -> None:
    """A lane read back from its statements goes on where the other was: what it told then is told."""
    rng = random.Random(seed)
    statements = history(rng, 60)
    lane, follower = Lane(host_first, projections=ALL), Follower()
    for number, filed in enumerate(statements, 1):
        lane.add(*filed)
        if rng.random() < 0.6:
            follower.follow(lane.take_changed().contributions.values())
            if rng.random() < 0.4:
                lane = Lane(host_first, projections=ALL)
                for stored in rng.sample(statements[:number], number) + rng.choices(statements[:number], k=5):
                    lane.restore(str(stored.cell), dump(stored.statement))
                assert lane.take_changed() == Changes()
    follower.follow(lane.take_changed().contributions.values())
    assert follower.table == expected(statements)


def test_what_was_stored_is_read_when_its_cell_is_asked_for() -> None:
    one, other = claim("rescued/VNM/KHM", "one", 50), claim("rescued/MYS/KHM", "other", 10)
    lane = Lane(host_first, projections=ALL)
    lane.restore("rescued/VNM/KHM", dump(one.statement))
    lane.restore("rescued/MYS/KHM", b"{}")
    fold = lane.fold(one.cell)
    assert fold is not None
    assert fold.merged()[0].low == 50
    assert not lane.add(*one)
    assert lane.take_changed() == Changes()
    for _ in range(2):  # it is not half taken back by the first attempt
        with pytest.raises(StoredStatementInvalid, match=r"a stored statement of rescued/MYS/KHM .*KeyError") as found:
            lane.add(*other)
        assert found.value.cell == "rescued/MYS/KHM"


def test_what_died_untold_is_told_with_the_next_part() -> None:
    """A cell without parts tells no statements; when it has one again, those told alive before and dead since are."""
    total, part = claim("rescued/QMF/KHM", "total", 50), claim("rescued/VNM/KHM", "part", 10, part_of="total")
    other, late = claim("rescued/VNM/KHM", "other", 30), claim("rescued/VNM/KHM", "late", 5, part_of="total")
    statements = [total, part, other, retraction(part, "r1"), retraction(other, "r2"), late]
    follower = Follower()
    for number in range(1, len(statements) + 1):
        lane = Lane(host_first, projections=ALL)
        for stored in statements[: number - 1]:
            lane.restore(str(stored.cell), dump(stored.statement))
        lane.add(*statements[number - 1])
        follower.follow(lane.take_changed().contributions.values())
        assert follower.table == expected(statements[:number])


def test_a_change_tells_what_changed_however_large_the_cell() -> None:
    lane = Lane(host_first, projections=ALL)
    lane.add(*claim("rescued/QMF/KHM", "total", 500))
    for number in range(200):
        lane.add(*claim("rescued/VNM/KHM", f"old{number:03}", 1, part_of="total" if number % 2 else ""))
        lane.add(*claim("rescued/QMF/KHM", f"more{number:03}", 1))
    assert len(lane.take_changed().contributions) > 400 // BLOCK
    for cell in ("rescued/VNM/KHM", "rescued/QMF/KHM"):
        lane.add(*claim(cell, "new", 5, part_of="total"))
        told = [each for each in lane.take_changed().contributions.values() if "nationality" in each.projection]
        block = told.pop()
        assert isinstance(block, BlockContribution)
        assert block.cell == cell
        assert "new" in [first for (first, *_), *_ in block.statements]
        assert len(block.statements) + block.others.count(b'"old') <= BLOCK
        assert all(isinstance(number, CellContribution) for number in told)
        assert len(told) <= 1
