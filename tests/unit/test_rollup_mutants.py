"""Step 9 altered in one place gives other rows: the tests of the roll-ups can fail."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

from incidentlog.projections import breakdowns
from incidentlog.projections.breakdowns import Breakdowns, remaining
from incidentlog.projections.host_total import HostTotal
from incidentlog.projections.lane import Lane
from incidentlog.projections.merged import Merged
from incidentlog.projections.summary import Bounds
from incidentlog.projections.told import Told
from incidentlog.schemas.contributions import Contribution, decode_contribution, encode_contribution
from support.rollup_cases import history
from support.rollup_follower import ALL, Follower, Table, expected, host_first

SEEDS = range(12)


@cache
def told(seed: int) -> tuple[list[bytes], Table]:
    """Contributions of every step of a history, shuffled, and the rows they should lead to."""
    rng = random.Random(seed)
    lane, statements = Lane(host_first, projections=ALL), history(rng, 50)
    contributions: list[bytes] = []
    for filed in statements:
        lane.add(*filed)
        contributions += map(encode_contribution, lane.take_changed().contributions.values())
    return rng.sample(contributions, len(contributions)), expected(statements)


def agrees(seed: int) -> bool:
    contributions, table = told(seed)
    follower = Follower()
    follower.follow(map(decode_contribution, contributions))
    return follower.table == table


def test_unaltered_it_agrees() -> None:
    assert all(map(agrees, SEEDS))


class Sums(NamedTuple):
    """N, N' and M, and the sum of the attributed highs."""

    n: Bounds
    rest: Bounds
    m: Bounds
    highs: int

    def rule(self, i: int) -> int:
        return max(self.rest[i], self.m[i], min(self.n[i], self.m[2]))


BOUNDS: dict[str, Callable[[Sums], Bounds]] = {
    "parts counted twice": lambda s: (max(s.n[0], s.m[0]), max(s.n[1], s.m[1]), s.rest[2] + max(s.m[2], s.highs)),
    "parts forgotten": lambda s: (max(s.rest[0], s.m[0]), max(s.rest[1], s.m[1]), s.rest[2] + max(s.m[2], s.highs)),
    "no mixed cells": lambda s: (s.n[0], s.n[1], s.n[2]),
    "mixed cells added": lambda s: (s.rest[0] + s.m[0], s.rest[1] + s.m[1], s.rest[2] + s.m[2]),
    "highs of parts forgotten": lambda s: (s.rule(0), s.rule(1), s.rest[2] + s.m[2]),
    "highs of parts on top": lambda s: (s.rule(0), s.rule(1), s.rest[2] + s.m[2] + s.highs),
    "highest of all": lambda s: (s.rule(0), s.rule(1), max(s.n[2], s.m[2], s.highs)),
    "best is low": lambda s: (s.rule(0), s.rule(0), s.rest[2] + max(s.m[2], s.highs)),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_other_bounds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HostTotal, "bounds", property(lambda self: BOUNDS[name](Sums(*self.terms))))
    assert not all(map(agrees, SEEDS))


def as_told(self: HostTotal, contribution: Contribution, apply: Any = HostTotal.apply) -> None:
    """The newest to arrive, not the greatest version."""
    contribution.version = getattr(self, "_arrived", 0)
    apply(self, contribution)


def any_version(self: Told, block: Any, take: Any = Told.take) -> Any:
    """The newest to arrive, not the greatest version."""
    block.version = 10**9
    return take(self, block)


def ever_living(self: Breakdowns, standing: Any, new: Any, replace: Any = Breakdowns.replace, **there: Any) -> Any:
    """Statements never die."""
    return () if new is None else replace(self, standing, new, **there)


def whole(container: Merged, parts: list[Merged]) -> Merged | None:
    return container if parts else None


def unbounded(container: Merged, parts: list[Merged]) -> Merged | None:
    left = remaining(container, parts)
    return left and left._replace(low=left.best or 0, high=left.best or 0)


@pytest.mark.parametrize(
    ("target", "name", "altered"),
    [
        (HostTotal, "apply", as_told),
        (Told, "take", any_version),
        (Breakdowns, "replace", ever_living),
        (Breakdowns, "attributed", lambda _self, _standing: False),
        (Breakdowns, "attributed", lambda _self, _standing: True),
        (Breakdowns, "over_attributed", property(lambda _self: False)),
        (Breakdowns, "over_attributed", property(lambda self: bool(self._parts))),
        (breakdowns, "remaining", whole),
        (breakdowns, "remaining", unbounded),
        (breakdowns, "remaining", lambda _container, _parts: None),
        (breakdowns, "_firm_low", lambda part: part.low),
        (breakdowns, "_firm_value", lambda part: part.low if part.best is None else part.best),
    ],
)
def test_other_rules(target: Any, name: str, altered: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, name, altered)
    assert not all(map(agrees, SEEDS))
