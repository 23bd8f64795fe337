"""Workers killed at random moments, others joining and leaving: each number ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import os
import random
import signal

import pytest

from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import Stack, expected, new_stack

pytestmark = [pytest.mark.integration, pytest.mark.slow]

EVENTS, KILLS = int(os.environ.get("INCIDENTLOG_TEST_EVENTS", "200000")), 20


@pytest.mark.timeout(300)
async def test_twenty_kills_and_a_second_worker_change_no_number(bootstrap: str) -> None:
    rng = random.Random(20)
    events = list(generate(EVENTS, seed=20, nationalities=40))
    stack = await new_stack(bootstrap)
    crew = Crew(stack)
    await crew.join("a")
    for number in range(KILLS):
        # Small portions first, the bulk before the last kill: a restart reads back all there is.
        start = number * 1_500
        await stack.publish(events[start : start + 1_500 if number < KILLS - 1 else EVENTS])
        if number % 5 == 2:
            await crew.join("b")
        await asyncio.sleep(rng.uniform(0.05, 0.8))
        await crew.kill(rng.choice(sorted(crew.workers)))
        if number % 5 == 4:
            await crew.leave("b")
    await stack.settled(120)
    await crew.leave("a")
    assert crew.known > 0, "no kill hit between a transaction and its commit"
    assert await stack.rows() == expected(events)


class Crew:
    """The workers alive, by name; whoever is killed is started again at once."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.workers, self.known = stack, dict[str, WorkerProcess](), 0

    async def join(self, name: str) -> None:
        worker = self.workers[name] = WorkerProcess(
            self.stack.settings(session_timeout=6.0, instance=name, every_behind=0.05)
        )
        await worker.start()
        await worker.ready()
        await self.check()

    async def kill(self, name: str) -> None:
        worker = self.workers.pop(name)
        worker.send(signal.SIGKILL)
        assert await worker.ended() == -signal.SIGKILL, await worker.messages()
        await worker.stop()
        await self.join(name)

    async def leave(self, name: str) -> None:
        worker = self.workers.pop(name)
        assert await worker.stop() == 0, await worker.messages()
        self.known += worker.counts["known"]

    async def check(self) -> None:
        """Equal partition numbers of all topics are together, and each is owned once."""
        members = await self.stack.assignment()
        topics = {*self.stack.topics.counted, *self.stack.topics.official, self.stack.topics.contributions}
        for member in members.values():
            assert len({frozenset(numbers) for numbers in member.values()}) <= 1, member
            assert not member or member.keys() == topics
        owned = [number for member in members.values() for number in next(iter(member.values()), set())]
        assert sorted(owned) == [0, 1, 2, 3], members
