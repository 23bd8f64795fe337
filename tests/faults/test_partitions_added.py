"""Partitions added to a topic while a worker folds it: events of one cell would lie on two of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from incidentlog.client import History, Publisher
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess
from support.generate import Produced
from support.publishing import many, recorded
from support.stack import Stack, new_stack
from support.trials import Trial

pytestmark = pytest.mark.integration

CURE = "publish the events there again (they keep their ids and times), and start the workers with --prefix NEW"
WHICH = {
    "one event topic": lambda topics: [topics.events("RescueReported")],
    "all event topics": lambda topics: [*topics.counted, *topics.official],
    "all topics": lambda topics: [topic.name for topic in topics.all()],
}


@pytest.mark.parametrize(
    "which", ["one event topic", *(pytest.param(each, marks=pytest.mark.whole) for each in list(WHICH)[1:])]
)
@pytest.mark.fault("P11", "partitions are added to topics in use", seed=11, heals=False)
async def test_partitions_added_to_topics_in_use_stop_the_worker(bootstrap: str, trial: Trial, which: str) -> None:
    events = list(map(recorded, many(trial.size(400, 20_000), trial.seed)))
    half = len(events) // 2
    stack = await new_stack(bootstrap)
    async with WorkerProcess(stack.settings()) as worker:
        await stack.publish(events[:half])
        await stack.settled(trial.within(60))
        grown = WHICH[which](stack.topics)
        await _grow(stack, grown)
        trial.injected()
        await _publish(stack, events[half:], grown)
        async with asyncio.timeout(30):
            assert await worker.ended() == 1
        said = await worker.messages()
        assert "had 4 partitions and now has 8" in said
        assert CURE in said
    async with WorkerProcess(stack.settings(patience=0.0)) as worker:
        assert await worker.ended() == 1, "it may not fold what lies on two partitions"
        assert CURE in await worker.messages()
    fresh = await _moved(stack)
    async with WorkerProcess(fresh.settings()) as worker:
        async with trial.recovery(fresh):
            await worker.ready()
        await fresh.settled(trial.within(60))
    await trial.judge(fresh, events)


async def _grow(stack: Stack, names: Iterable[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
    await admin.start()
    try:
        await admin.create_partitions({name: NewPartitions(8) for name in names})
    finally:
        await admin.close()


async def _publish(stack: Stack, events: Iterable[Produced], grown: Iterable[str]) -> None:
    """Publish as programs do that have heard of the partitions added."""
    byplace: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for event in events:
        topic = stack.topics.events(event.home)
        byplace[topic, partition_of(event.key, 8 if topic in grown else 4)].append((event.key, event.value, []))
    await stack.append(byplace)


async def _moved(stack: Stack) -> Stack:
    """What the message says: all events, published again into topics under a fresh prefix."""
    fresh = Stack(stack.bootstrap, Topics(f"{stack.topics.prefix}-2"))
    await apply(fresh.bootstrap, fresh.topics)
    async with (
        History(stack.bootstrap, topics=stack.topics) as history,
        Publisher(fresh.bootstrap, topics=fresh.topics) as publisher,
    ):
        await publisher.publish_all(each.event async for each in history.events())
    return fresh
