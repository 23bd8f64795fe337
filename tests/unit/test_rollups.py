"""Roll-ups equal the plain specification of step 9 after every statement, in any order, however often told."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date

import pytest
from support.plain_rollup import PlainRollups, Total
from support.rollup_cases import MEASURES, SCOPES, history

from incidentlog.projections.by_nationality import by_nationality
from incidentlog.projections.by_place import by_place
from incidentlog.projections.lane import Lane
from incidentlog.projections.project import project
from incidentlog.projections.projection import Filed
from incidentlog.projections.rollups import RollupState
from incidentlog.schemas.contributions import Contribution, decode_contribution, encode_contribution
from incidentlog.schemas.rows import RollupRow

ALL = [
    *(by_nationality(f"{measure}-by-nationality", measure) for measure in MEASURES),
    *(by_place(f"{measure}-by-place", measure) for measure in MEASURES),
]
Table = dict[tuple[str, str], Total]


def host_first(measure: str) -> bool:
    return measure == "arrested"


def expected(statements: Iterable[Filed]) -> Table:
    plain = PlainRollups(statements, host_first)
    table: Table = {}
    for measure in MEASURES:
        table |= {(f"{measure}-by-nationality", key): t for key, t in plain.by_nationality(measure).items()}
        table |= {(f"{measure}-by-place", key): t for key, t in plain.by_place(measure, SCOPES).items()}
    return table


def seen(row: RollupRow) -> Total:
    day = date.fromisoformat(row.as_of).toordinal() if row.as_of else 0
    return Total(row.low, row.best, row.high, day, row.flags)


class Follower:
    """What a subscriber holds who applies every changed row."""

    def __init__(self) -> None:
        self.rollups, self.table = RollupState(ALL), {}  # type: tuple[RollupState, Table]

    def follow(self, contributions: Iterable[Contribution]) -> None:
        for contribution in contributions:
            self.rollups.apply(contribution)
        for name, key, row in self.rollups.take_changed():
            if row is None:
                del self.table[name, key]
            else:
                self.table[name, key] = seen(row)


@pytest.mark.parametrize("seed", range(40))
def test_each_step_equals_the_specification(seed: int) -> None:
    statements = history(random.Random(seed), 30)
    lane, follower = Lane(host_first, projections=ALL), Follower()
    for number, filed in enumerate(statements, 1):
        lane.add(*filed)
        follower.follow(lane.take_changed().contributions.values())
        assert follower.table == expected(statements[:number])


@pytest.mark.parametrize("seed", range(40))
def test_order_repetition_and_partitions_change_nothing(seed: int) -> None:
    rng = random.Random(seed)
    statements = history(rng, 60)
    lanes = [Lane(host_first, projections=ALL) for _ in range(3)]
    told: list[bytes] = []
    for filed in rng.sample(statements, len(statements)) + rng.choices(statements, k=20):
        lane = lanes[hash(filed.cell) % 3]
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
