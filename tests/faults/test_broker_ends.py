"""The broker is stopped, killed or paused under load: worker, publisher and subscriber go on by themselves, and exactly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from support.generate import generate
from support.load import Publishing, Supervised, followed
from support.mortal import Mortal
from support.stack import Stack
from support.trials import Trial
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.mark.fault("P2", "the broker is stopped and started", seed=22)
async def test_a_broker_that_is_stopped_and_started(mortal: Mortal, stack: Stack, trial: Trial) -> None:
    await _under_load(mortal, stack, trial, mortal.stop, times=trial.size(1, 10))


@pytest.mark.fault("P3", "the broker is killed", seed=23)
async def test_a_broker_that_is_killed(mortal: Mortal, stack: Stack, trial: Trial) -> None:
    await _under_load(mortal, stack, trial, mortal.kill, times=trial.size(1, 20))


async def _under_load(
    mortal: Mortal, stack: Stack, trial: Trial, end: Callable[[], Awaitable[None]], times: int
) -> None:
    each = trial.size(1_500, 10_000)
    events = list(generate(times * each, seed=trial.seed, nationalities=20))
    sent: list[Any] = []
    async with Supervised(stack), followed(stack) as rows:
        for number in range(times):
            publishing = Publishing(stack, events[number * each : (number + 1) * each])
            task = asyncio.create_task(publishing.run(pause=0.05))
            await until(lambda: len(publishing.acknowledged) > 200, 30)  # noqa: B023 - awaited here
            await asyncio.sleep(trial.rng.uniform(0.0, 0.3))
            await end()
            trial.injected()
            await asyncio.sleep(trial.rng.uniform(0.0, trial.size(0.5, 20.0)))
            await mortal.start()
            async with trial.recovery(stack):
                pass
            await task
            assert not publishing.unsure
            sent += publishing.acknowledged
        await stack.settled()
        await trial.judge(stack, sent)
        told = {key: row for (name, key), row in (await stack.rows()).items() if name == "rescued-by-nationality"}
        await until(lambda: _same(rows, told), 20)
    assert await _copies(stack) == len(sent), "an acknowledged event lies in the log twice"


@pytest.mark.fault("F2", "the broker is paused for 0.1 to 30 s under load", seed=24)
async def test_a_broker_that_is_paused(mortal: Mortal, stack: Stack, trial: Trial) -> None:
    pauses = trial.size([0.1, 2.6], [0.1, 0.3, 1.0, 3.0, 5.5, 6.5, 8.0, 12.0, 20.0, 30.0] * 2)
    each = trial.size(1_000, 4_000)
    events = list(generate(len(pauses) * each, seed=trial.seed, nationalities=20))
    async with Supervised(stack, session_timeout=trial.size(2.0, 6.0)):  # the longest pauses outlast it
        for number, seconds in enumerate(pauses):
            portion = events[number * each : (number + 1) * each]
            await stack.publish(portion[: each // 2])
            await asyncio.sleep(trial.rng.uniform(0.0, 0.3))
            async with mortal.paused():
                trial.injected()
                await asyncio.sleep(seconds)
            async with trial.recovery(stack):
                await stack.publish(portion[each // 2 :])
        await stack.settled()
        await trial.judge(stack, events)


def _same(rows: dict[str, Any], told: dict[str, Any]) -> bool:
    kept = {key: row for key, row in rows.items() if row is not None}
    return kept.keys() == told.keys() and all(kept[key].items() >= row.items() for key, row in told.items())


async def _copies(stack: Stack) -> int:
    return len([event for event in await stack.log() if b"/probe/" not in event.value])
