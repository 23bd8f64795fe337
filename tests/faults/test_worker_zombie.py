"""A worker stopped beyond its session, then woken: it must not write over what its successor wrote."""

from __future__ import annotations

import signal

import pytest

from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import expected, new_stack

pytestmark = [pytest.mark.integration, pytest.mark.slow]


async def test_a_zombie_that_wakes_up_changes_nothing_and_ends(bootstrap: str) -> None:
    events = list(generate(40_000, seed=9, nationalities=30))
    stack = await new_stack(bootstrap)
    settings = stack.settings(session_timeout=6.0, every_behind=0.05)
    await stack.publish(events[:30_000])
    async with WorkerProcess(settings) as zombie:
        await zombie.ready()
        await stack.publish(events[30_000:])
        zombie.send(signal.SIGSTOP)
        assert await stack.missing(await stack.ends()), "it was to be stopped while folding"
        async with WorkerProcess(settings) as successor:
            await successor.ready()
            await stack.settled()
            told = await stack.rows()
            ends = {
                topic: len(await stack.read(topic))
                for topic in (stack.topics.statements, stack.topics.rows("estimates"))
            }
            zombie.send(signal.SIGCONT)
            assert await zombie.ended() == 1
            assert "another worker owns this partition now" in await zombie.messages()
            assert {topic: len(await stack.read(topic)) for topic in ends} == ends
            assert await stack.rows() == told == expected(events)
            assert successor.process.returncode is None
