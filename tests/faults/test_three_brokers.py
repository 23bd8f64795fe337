"""Three brokers, everything on all of them: each restarted in turn, a leader killed, two of three away; no number suffers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from pathlib import Path

import pytest

from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply, check
from support.cluster import BROKERS, REPLICATION, Cluster, three_brokers
from support.generate import Produced, generate
from support.load import Publishing, Supervised
from support.stack import Stack
from support.trials import Trial
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.slow]

#: Events that one publisher takes before another one, which has to find the cluster anew, goes on.
PORTION = 300
#: Seconds between a hundred events and the next hundred: steady rather than much.
PAUSE = 1.0


@pytest.fixture
async def cluster(fleeting: Path) -> AsyncIterator[Cluster]:
    async with three_brokers(fleeting) as running:
        yield running


@pytest.fixture
async def stack(cluster: Cluster, trial: Trial) -> Stack:
    topics = Topics(f"test-{uuid.uuid4().hex[:8]}", partitions=trial.size(2, 4), replication=REPLICATION)
    await apply(cluster.bootstrap, topics)
    assert await check(cluster.bootstrap, topics) == []
    return Stack(cluster.bootstrap, topics)


@asynccontextmanager
async def workers(stack: Stack, count: int) -> AsyncIterator[list[Supervised]]:
    """So many, each started again when it ends."""
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(Supervised(stack, instance=f"w{n}")) for n in range(count)]


class Load:
    """Events published one portion after another while the block runs; afterwards `sent` has all that were acknowledged."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack, self._over = stack, False
        self._events = generate(1_000_000, seed=seed, nationalities=20)
        self.sent: list[Produced] = []

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        await until(lambda: self.sent or task.done(), 30)
        try:
            yield
            self._over = True
            await task
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        while not self._over:
            publishing = Publishing(self._stack, list(islice(self._events, PORTION)))
            await publishing.run(pause=PAUSE)
            assert not publishing.unsure
            self.sent += publishing.acknowledged


@pytest.mark.fault("P2, P3", "three brokers: restarted in turn, then a leader killed", seed=35)
async def test_a_rolling_restart_and_a_leader_killed(cluster: Cluster, stack: Stack, trial: Trial) -> None:
    load = Load(stack, trial.seed)
    async with workers(stack, trial.size(1, 2)) as crew:
        async with load.flowing():
            for number in BROKERS[: trial.size(1, 3)] * trial.size(1, 2):
                await cluster.stop(number)
                trial.injected()
                await cluster.start(number)
                async with trial.recovery(stack):
                    await cluster.whole()
            for _ in range(trial.size(1, 2)):
                leader = await cluster.leader(stack.topics.statements)
                async with trial.recovery(stack):  # by the other two
                    await cluster.kill(leader)
                    trial.injected()
                if trial.whole:
                    await cluster.start(leader)
                    await cluster.whole()
        await stack.settled(trial.within(60.0))
        await trial.judge(stack, load.sent)
    assert await _copies(stack) == len(load.sent), "an acknowledged event lies in the log twice"
    assert not [said for worker in crew for said in worker.said if "Traceback" in said]


@pytest.mark.whole
@pytest.mark.fault("F7", "two of three brokers are away: too few replicas", seed=36, heals=False)
async def test_too_few_replicas(cluster: Cluster, stack: Stack, trial: Trial) -> None:
    load = Load(stack, trial.seed)
    async with workers(stack, 1) as [supervised]:
        for _ in range(trial.size(1, 5)):
            async with load.flowing():
                first, second, _ = trial.rng.sample(BROKERS, 3)
                await cluster.stop(first)
                await cluster.stop(second)
                trial.injected()
                await _too_few(cluster, stack)
                await asyncio.sleep(trial.rng.uniform(2.0, trial.size(4.0, 20.0)))
                print(f"meanwhile the worker was started again {supervised.restarts} times:", *supervised.said)
                await cluster.start(first, second)
                async with trial.recovery(stack):
                    await cluster.whole()
        await stack.settled(trial.within(60.0))
        await trial.judge(stack, load.sent)
    assert await _copies(stack) == len(load.sent), "an acknowledged event lies in the log twice"
    assert not [said for said in supervised.said if "Traceback" in said]


async def _too_few(cluster: Cluster, stack: Stack) -> None:
    """The broker that is left has its partitions to itself, and their topics want two."""
    mine = [each for each in await cluster.partitions() or () if each.topic == stack.topics.statements]
    assert mine
    assert {len(each.in_sync) for each in mine} == {1}, mine


async def _copies(stack: Stack) -> int:
    return len([event for event in await stack.log() if b"/probe/" not in event.value])
