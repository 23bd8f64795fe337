"""The job of `incidentlog bench`, on the very worker that is measured: exact in spite of kills, and of a zombie that wakes up."""

from __future__ import annotations

import asyncio
import random
import signal
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from incidentlog.bench.sums.cluster import Cluster
from incidentlog.bench.sums.fold import sink, source
from incidentlog.bench.sums.source import Event, events, sums
from incidentlog.worker import WorkerProcess, WorkerSettings

pytestmark = [pytest.mark.integration, pytest.mark.slow]
PROGRAM = ("-m", "incidentlog.bench.sums.worker")


@pytest.fixture
async def cluster(bootstrap: str) -> AsyncIterator[Cluster]:
    async with Cluster(bootstrap, f"test-{uuid.uuid4().hex[:8]}") as made:
        yield made


async def _settings(cluster: Cluster, session: float = 6.0, instance: str = "") -> WorkerSettings:
    settings = WorkerSettings(
        cluster.bootstrap, cluster.prefix, session_timeout=session, every_behind=0.05, instance=instance
    )
    await cluster.create(source(settings), compacted=False)
    await cluster.create(sink(settings), compacted=True)
    return settings


async def _publish(cluster: Cluster, settings: WorkerSettings, made: list[Event]) -> None:
    await cluster.append(((source(settings), event.key, event.value) for event in made), lambda _: None)


async def _done(cluster: Cluster, settings: WorkerSettings, count: int) -> None:
    async with asyncio.timeout(60):
        while await cluster.committed(settings.group, source(settings)) < count:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def test_a_zombie_that_wakes_up_changes_no_sum_and_ends(
    cluster: Cluster, short_session: float, *, whole: bool
) -> None:
    count, session, rate = (80_000, 6.0, 0.0) if whole else (20_000, short_session, 10_000.0)
    made = list(events(count, 60))
    settings = await _settings(cluster, session)
    await _publish(cluster, settings, made[: count // 2])
    slow = replace(settings, rate=rate)  # few events last until it is stopped
    async with WorkerProcess(slow, PROGRAM) as zombie:
        await zombie.ready()
        await _publish(cluster, settings, made[count // 2 :])
        zombie.send(signal.SIGSTOP)
        assert await cluster.committed(settings.group, source(settings)) < len(made), (
            "it was to be stopped while folding"
        )
        async with WorkerProcess(settings, PROGRAM) as successor:
            await successor.ready()
            await _done(cluster, settings, len(made))
            ends = await cluster.ends(sink(settings))
            zombie.send(signal.SIGCONT)
            assert await zombie.ended() == 1
            assert "another worker owns this partition now" in await zombie.messages()
            assert await cluster.ends(sink(settings)) == ends
            assert await cluster.sums(sink(settings)) == sums(iter(made))
            assert successor.process.returncode is None


async def test_workers_that_are_killed_lose_and_repeat_nothing(cluster: Cluster, *, whole: bool) -> None:
    kills = 4 if whole else 2
    rng, made = random.Random(7), list(events(kills * 15_000, 60))
    settings = await _settings(cluster, instance="one")  # one name: its next life goes on at once
    for portion in range(kills):
        async with WorkerProcess(settings, PROGRAM) as worker:
            await worker.ready()
            await _publish(cluster, settings, made[portion * 15_000 : (portion + 1) * 15_000])
            await asyncio.sleep(rng.random() * 0.3)  # anywhere between two commits
            worker.send(signal.SIGKILL)
            await worker.ended()
    async with WorkerProcess(settings, PROGRAM) as worker:
        await worker.ready()
        await _done(cluster, settings, len(made))
    assert await cluster.sums(sink(settings)) == sums(iter(made))
