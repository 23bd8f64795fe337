"""A bad link between the broker and its clients: slow, cut again and again, or silent; no number suffers, and no processor."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import psutil
import pytest

from incidentlog.local.config import HOST
from support.generate import generate
from support.load import Publishing, Supervised
from support.mortal import Mortal
from support.stack import Stack
from support.toxic import Link
from support.trials import Trial
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.slow]

#: Of one processor, while the link is down.
BUSY = 0.2


@pytest.mark.fault("P22", "the link is slow, cut, refused, silent", seed=32)
async def test_a_bad_link(mortal: Mortal, stack: Stack, trial: Trial) -> None:
    rounds, down = trial.size((1, 1.5), (5, 20.0))
    each = trial.size(2_000, 4_000)
    events = list(generate(rounds * each, seed=trial.seed, nationalities=20))
    beyond = replace(stack, bootstrap=f"{HOST}:{mortal.detour}")
    sent = []
    async with Link(mortal.detour, mortal.behind) as link, Supervised(beyond) as supervised:
        for number in range(rounds):
            portion = events[number * each : (number + 1) * each]
            publishing = Publishing(beyond, portion, patience=90.0)
            task = asyncio.create_task(publishing.run(pause=0.02))
            await until(lambda: len(publishing.acknowledged) > 200, 30)  # noqa: B023 - awaited here
            link.delay = trial.rng.uniform(0.01, 0.1)
            for _ in range(3):
                await asyncio.sleep(trial.rng.uniform(0.1, 0.5))
                link.reset()
            link.delay = 0.0
            async with trial.recovery(stack):
                pass
            for kind in trial.size(("closed",), ("closed", "silent")):
                setattr(link, kind, True)
                if kind == "closed":
                    link.reset()
                await _idle(supervised, down, trial)
                setattr(link, kind, False)
                async with trial.recovery(stack):
                    pass
            trial.injected(3 + trial.size(1, 2))
            await task
            sent += publishing.acknowledged
        await stack.settled()
    await trial.judge(stack, sent)


async def _idle(supervised: Supervised, seconds: float, trial: Trial) -> None:
    """For so many seconds the worker, and this process with its publisher, use little of a processor."""
    await asyncio.sleep(0.5)  # what was under way is dealt with first
    pid = supervised.worker.process.pid
    before, began = _used(pid), time.monotonic()
    await asyncio.sleep(seconds)
    if supervised.worker.process.pid == pid:  # else it ended, and starts again, which is work
        share = (_used(pid) - before) / (time.monotonic() - began)
        print(f"processor while the link is down: {share:.0%}")
        assert share < BUSY, f"{share:.0%} of a processor while the link is down"


def _used(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
