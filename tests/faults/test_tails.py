"""Topics whose ends hold nothing to read: taken back, or compacted away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from incidentlog.client import Subscriber
from incidentlog.local import Broker
from support.crew import Crew
from support.generate import generate
from support.stack import Stack, new_stack
from support.trials import Trial

pytestmark = pytest.mark.integration

CAUGHT_UP_SECONDS = 2.0
#: Old segments are cleaned at once, tombstones and all.
AGGRESSIVE = {
    "segment.ms": "300",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "300",
    "delete.retention.ms": "0",
}


@pytest.mark.fault("P18, F4, F11", "aborted transactions at all tails, rows compacted at once, tombstones", seed=18)
async def test_what_cannot_be_read_at_the_end_is_not_waited_for(trial: Trial, fleeting: Path) -> None:
    rounds = trial.size(1, 20)
    events = list(generate(rounds * 2_000, seed=trial.seed, nationalities=6, hosts=3))
    async with Broker(data=fleeting / "data", config={"log.cleaner.backoff.ms": "100"}) as broker:
        stack = await new_stack(broker.bootstrap, AGGRESSIVE)
        crew = Crew(stack, seconds=trial.within(60))
        await crew.join("a")
        for number in range(rounds):
            published = events[: (number + 1) * 2_000]
            for start in range(number * 2_000, len(published), 500):
                await stack.publish(published[start : start + 500])
                await asyncio.sleep(0.3)
            await stack.agrees([*published, *trial.probes(stack).published], trial.within(60))
            await crew.kill("a")
            await _bury(stack)
            await _abort(stack)
            trial.injected()
            async with asyncio.timeout(trial.within(CAUGHT_UP_SECONDS)):
                await _caught_up(stack)
            async with trial.recovery(stack):
                await crew.join("a")
        await crew.end()
        kept = await stack.read(stack.topics.rows("estimates"))
        assert len(kept) < sum((await stack.real_ends([stack.topics.rows("estimates")])).values()) / 2, "not compacted"
        await trial.judge(stack, events)


async def _bury(stack: Stack) -> None:
    """Tombstones for what never was."""
    names = stack.topics.statements, stack.topics.contributions, stack.topics.rows("estimates")
    nothing: list[Any] = [(b"rescued/VNM/KHM#0", None, [])]
    await stack.append({(name, p): nothing for name in names for p in range(stack.topics.partitions)})


async def _abort(stack: Stack) -> None:
    """End every partition with what nobody may read."""
    async with AIOKafkaProducer(
        bootstrap_servers=stack.bootstrap, transactional_id=f"{stack.topics.prefix}-aborting"
    ) as producer:
        await producer.begin_transaction()
        sent = [
            await producer.send(topic.name, b"taken back", b"k", partition=p)
            for topic in stack.topics.all()
            for p in range(topic.partitions)
        ]
        await asyncio.gather(*sent)
        await producer.abort_transaction()


async def _caught_up(stack: Stack) -> None:
    live = asyncio.Event()

    def heard(state: str) -> None:
        if state == "live":
            live.set()

    async with Subscriber(stack.bootstrap, "estimates", topics=stack.topics, on_state=heard) as subscriber:
        following = asyncio.create_task(_follow(subscriber))
        await live.wait()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _follow(subscriber: Subscriber) -> None:
    async for _ in subscriber:
        pass
