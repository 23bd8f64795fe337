"""A worker stopped beyond its session, then woken: it must not write over what its successor wrote."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest

from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import new_stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.mark.fault("P20, F5", "a worker sleeps through its session, then wakes up", seed=9)
async def test_a_zombie_that_wakes_up_changes_nothing_and_ends(
    bootstrap: str, trial: Trial, short_session: float
) -> None:
    events = list(generate(trial.size(8_000, 40_000), seed=trial.seed, nationalities=30))
    stack = await new_stack(bootstrap)
    settings = stack.settings(session_timeout=trial.size(short_session, 6.0), every_behind=0.05)
    slow = replace(settings, rate=trial.size(4_000.0, 0.0))  # few events last until it is stopped
    await stack.publish(events[: len(events) // 2])
    async with WorkerProcess(slow) as zombie:
        await zombie.ready()
        await stack.publish(events[len(events) // 2 :])
        zombie.send(signal.SIGSTOP)
        trial.injected()
        assert await stack.missing(await stack.ends()), "it was to be stopped while folding"
        async with WorkerProcess(settings) as successor:
            async with trial.recovery(stack):
                await successor.ready()
            await stack.settled(trial.within(60))
            told = await stack.rows()
            ends = {
                topic: len(await stack.read(topic))
                for topic in (stack.topics.statements, stack.topics.rows("estimates"))
            }
            zombie.send(signal.SIGCONT)
            assert await zombie.ended() == 1
            assert "another worker owns this partition now" in await zombie.messages()
            assert {topic: len(await stack.read(topic)) for topic in ends} == ends
            assert await stack.rows() == told
            assert successor.process.returncode is None
    await trial.judge(stack, events)
