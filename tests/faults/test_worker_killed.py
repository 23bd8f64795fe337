"""Workers killed at random moments, others joining and leaving: each number ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from incidentlog.local import Broker
from support.crew import Crew
from support.generate import generate
from support.stack import new_stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.mark.fault("P1, F1", "a worker is killed, another joins and leaves", seed=20)
async def test_kills_and_a_second_worker_change_no_number(bootstrap: str, trial: Trial, short_session: float) -> None:
    kills, longest, every = trial.size((3, 1.0, 3), (200, 5.0, 5))
    joins, leaves = trial.size((1, 2), (2, 4))  # of each five kills, before and after which
    events = list(generate(trial.size(6_000, 200_000), seed=trial.seed, nationalities=40))
    portion = -(-len(events) // kills)
    stack = await new_stack(bootstrap)
    crew = Crew(stack, seconds=trial.within(60), session_timeout=trial.size(short_session, 8.0))
    await crew.join("a")
    for number in range(kills):
        if number % 5 == joins:
            await crew.start("b")
        while_folding = trial.rng.uniform(0.05, 0.5)
        await asyncio.sleep(trial.rng.uniform(0.0, longest - 0.5))
        await stack.publish(events[number * portion : (number + 1) * portion])
        await asyncio.sleep(while_folding)
        victim = trial.rng.choice(sorted(crew.workers))
        await crew.kill(victim)
        trial.injected()
        if number % every:  # the next kill may come while it starts or reads back
            await crew.start(victim)
        else:
            async with crew.kept(), trial.recovery(stack):
                await crew.join(victim)
        if number % 5 == leaves and "b" in crew.workers:
            await crew.leave("b")
    async with crew.kept(), trial.recovery(stack):
        await crew.supervise()
    await stack.settled(trial.within(120))
    await crew.end()
    if trial.whole:
        assert crew.known > 0, "no kill hit between a transaction and its commit"
    await trial.judge(stack, events)


@pytest.mark.whole
@pytest.mark.fault("F2", "the broker pauses around commits, then the worker is killed", seed=21)
async def test_no_commit_passes_what_is_stored(tmp_path: Path, trial: Trial) -> None:
    rounds = trial.size(2, 20)
    events = list(generate(rounds * 3_000, seed=trial.seed, nationalities=20))
    async with Broker(data=tmp_path / "data") as broker:
        stack = await new_stack(broker.bootstrap)
        crew = Crew(stack, commit_interval=0.1, seconds=trial.within(60))
        await crew.join("a")
        for number in range(rounds):
            await stack.publish(events[number * 3_000 : (number + 1) * 3_000])
            for _ in range(3):
                await _pause(broker.pid, trial.rng.uniform(0.1, 0.6))
                trial.injected()
                await asyncio.sleep(trial.rng.uniform(0.02, 0.2))
            await stack.begun(trial.within(60))
            await crew.kill("a")
            committed = await stack.committed_ids()
            async with trial.recovery(stack):
                await crew.join("a")
            assert not committed - await stack.stored_ids(), "committed, but not stored"
        await stack.settled(trial.within(60))
        await crew.end()
        await trial.judge(stack, events)


async def _pause(pid: int, seconds: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
