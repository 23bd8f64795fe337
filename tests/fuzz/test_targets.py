"""The fuzz targets in a short form that is the same every time; `run.py` beside this is the long one."""

from __future__ import annotations

import random

import pytest

from fuzz.mutation import altered
from fuzz.targets import TARGETS

#: Alterations of each target's seeds.
TIMES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_borne(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    for seed in seeds:
        TARGETS[name].check(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_altered_seeds_are_borne(name: str) -> None:
    target, rng = TARGETS[name], random.Random(f"2022 {name}")
    seeds = target.seeds()
    for _ in range(TIMES):
        target.check(altered(rng.choice(seeds), rng, target.words, structured=target.structured))
