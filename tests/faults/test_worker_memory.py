"""A worker's memory while it works and while it waits: what it has seen before leaves nothing behind."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import new_stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]

#: Allocators keep some of what they were given, and the first rounds fill caches.
LARGEST_GROWTH = 8 << 20


@pytest.mark.whole
@pytest.mark.fault("F13", "the same events again and again, then idleness", seed=14)
async def test_memory_does_not_grow_with_what_passes_through(bootstrap: str, trial: Trial) -> None:
    rounds, idle = trial.size((6, 2.0), (200, 300.0))
    events = list(generate(5_000, seed=trial.seed, nationalities=20))
    stack = await new_stack(bootstrap)
    async with WorkerProcess(stack.settings()) as worker:
        process = psutil.Process(worker.process.pid)
        sizes: list[int] = []
        for _ in range(rounds):
            await stack.publish(events)
            trial.injected(len(events))
            await stack.settled(trial.within(60))
            sizes.append(process.memory_info().rss)
        await asyncio.sleep(idle)
        sizes.append(process.memory_info().rss)
        assert await worker.stop() == 0, await worker.messages()
    assert worker.counts["known"] == (rounds - 1) * len(events)
    print("resident MiB after each round:", [size >> 20 for size in sizes])
    assert max(sizes[rounds // 2 :]) - sizes[rounds // 2 - 1] < LARGEST_GROWTH, sizes
    await trial.judge(stack, events)
