"""An idle hour's figures: what grows is seen, what only goes up and down is not, and an ended worker is no result."""

from __future__ import annotations

import os

import psutil
import pytest

from incidentlog.bench.job.idle import Held, per_hour, share_of_a_core, watched

MB = 1_000_000
HOUR = [Held(600 + 10 * n, 9_000 * MB, 5 + 0.5 * n) for n in range(361)]


def test_a_leak_of_two_megabytes_an_hour_is_seen_through_noise() -> None:
    leaking = [each._replace(resident=each.resident + n * 2 * MB // 360 + n % 7 * MB) for n, each in enumerate(HOUR)]
    assert per_hour(leaking) == pytest.approx(2, rel=0.05)


def test_what_goes_up_and_comes_down_again_is_no_growth() -> None:
    breathing = [each._replace(resident=each.resident + abs(180 - n) * MB) for n, each in enumerate(HOUR)]
    assert per_hour(breathing) == pytest.approx(0, abs=0.01)


def test_what_is_given_back_counts_as_such() -> None:
    assert per_hour([Held(0, 3 * MB, 0), Held(1800, 2 * MB, 0)]) == pytest.approx(-2)


def test_cpu_is_that_between_the_looks() -> None:
    assert share_of_a_core(HOUR) == pytest.approx(0.05)


async def test_a_process_is_looked_at_again_and_again() -> None:
    held: list[Held] = []
    await watched(psutil.Process(os.getpid()), 0.3, held)
    assert 2 <= len(held) <= 11
    assert [each.at for each in held] == sorted(each.at for each in held)
    assert all(each.resident > 10 * MB and each.cpu > 0 for each in held)
