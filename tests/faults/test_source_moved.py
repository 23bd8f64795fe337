"""The log that is folded is cut or made anew, or the group's offsets are moved: what is there counts, and nothing goes unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess
from support.generate import Produced, generate
from support.stack import Stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]


async def _admin(stack: Stack) -> Any:
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
    await admin.start()
    return admin


async def _cut(stack: Stack, offsets: Mapping[TopicPartition, int]) -> None:
    admin = await _admin(stack)
    await admin.delete_records({tp: RecordsToDelete(offset) for tp, offset in offsets.items()})
    await admin.close()


async def _move(stack: Stack, offsets: Mapping[TopicPartition, int]) -> None:
    """Commit these offsets for the group, as Kafka's own tool does."""
    async with AIOKafkaConsumer(
        bootstrap_servers=stack.bootstrap, group_id=stack.settings().group, enable_auto_commit=False
    ) as consumer:
        consumer.assign(list(offsets))
        await consumer.commit(dict(offsets))


async def _fold(stack: Stack, events: list[Produced]) -> None:
    """Publish these, and have a worker fold them and stop."""
    async with WorkerProcess(stack.settings()) as worker:
        await worker.ready()
        await stack.publish(events)
        await stack.settled()
        assert await worker.stop() == 0


@pytest.mark.fault("F12", "events are deleted before they are folded", seed=28, heals=False)
async def test_a_source_cut_beyond_what_is_folded_is_refused(mortal: Any, stack: Stack, trial: Trial) -> None:
    events = list(generate(3_000, seed=trial.seed, nationalities=20))
    topic = stack.topics.events("RescueReported")
    await _fold(stack, events[:2_000])
    await _cut(stack, {TopicPartition(topic, 0): 10})  # all of it is folded: no matter
    await stack.publish(events[2_000:])
    place = TopicPartition(topic, 1)
    committed, end = (await stack.committed())[place], (await stack.ends())[place]
    assert committed < end - 1
    await _cut(stack, {place: end - 1})
    trial.injected(2)
    async with WorkerProcess(stack.settings()) as worker:
        assert await worker.ended() == 1
        said = await worker.messages()
    assert f"{topic} partition 1: reading would go on at offset {committed}, but the topic holds {end - 1}" in said
    assert f"{topic} partition 0" not in said
    assert "kafka-consumer-groups.sh" in said
    await _move(
        stack, {TopicPartition(topic, p): 0 for p in range(stack.topics.partitions)}
    )  # what the message advises
    async with WorkerProcess(stack.settings()):
        async with trial.recovery(stack):
            pass
        await stack.settled()
    await trial.judge(stack, [*events[:2_000], *await stack.log()])


@pytest.mark.parametrize("where", ["beginning", "end", "beyond"])
@pytest.mark.fault("F12", "the group's offsets are moved", seed=29)
@pytest.mark.whole
async def test_offsets_moved_by_hand_skip_nothing(mortal: Any, stack: Stack, trial: Trial, where: str) -> None:
    events = list(generate(2_000, seed=trial.seed, nationalities=20))
    await _fold(stack, events[:1_000])
    await stack.publish(events[1_000:])
    ends = await stack.ends()
    await _move(stack, {tp: {"beginning": 0, "end": end, "beyond": end + 100}[where] for tp, end in ends.items()})
    trial.injected()
    async with WorkerProcess(stack.settings()):
        async with trial.recovery(stack):
            pass
        await stack.settled()
        await trial.judge(stack, events)


@pytest.mark.parametrize("shape", ["longer", pytest.param("shorter", marks=pytest.mark.whole)])
@pytest.mark.parametrize("under", ["a worker that runs", pytest.param("a stopped worker", marks=pytest.mark.whole)])
@pytest.mark.fault("F12", "the source is deleted and made anew", seed=30)
async def test_a_source_made_anew_is_read_from_its_beginning(
    mortal: Any, stack: Stack, trial: Trial, shape: str, under: str
) -> None:
    events = list(generate(4_000, seed=trial.seed, nationalities=20))
    home, first, later = "RescueReported", events[:1_500], events[1_500:]
    worker = WorkerProcess(stack.settings(instance="a", session_timeout=2.0))
    await worker.start()
    await worker.ready()
    await stack.publish(first)
    await stack.settled()
    if under == "a stopped worker":
        assert await worker.stop() == 0
    fresh = [event for event in later if event.home == home][:: 1 if shape == "longer" else 10]
    before = len([event for event in first if event.home == home])
    assert (len(fresh) > before) == (shape == "longer")
    admin = await _admin(stack)
    await admin.delete_topics([stack.topics.events(home)])
    await admin.close()
    while stack.topics.events(home) not in await apply(stack.bootstrap, stack.topics):
        pass
    await stack.publish(fresh)
    trial.injected()
    if under == "a worker that runs":
        assert await worker.ended() == 1
        assert f"{stack.topics.events(home)} was deleted" in await worker.messages()
        await worker.stop()
    async with WorkerProcess(stack.settings(instance="a", session_timeout=2.0)):
        async with trial.recovery(stack):
            pass
        await stack.settled()
        await trial.judge(stack, [*first, *fresh])
