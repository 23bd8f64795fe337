"""What a worker looks at before it starts, and when partitions are assigned: it says what is wrong, and ends."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from incidentlog.schemas.topics import Topics
from incidentlog.worker import WorkerProcess, WorkerSettings
from incidentlog.worker.errors import BrokerUnreachable, PartitionsDiffer, PartitionsScattered, TopicsMissing
from incidentlog.worker.preflight import check
from support.generate import generate
from support.stack import Stack, expected, new_stack

pytestmark = pytest.mark.integration


async def _create(bootstrap: str, *topics: NewTopic) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics(list(topics))
    await admin.close()


async def test_missing_topics_are_named_with_the_command_that_creates_them(bootstrap: str) -> None:
    with pytest.raises(TopicsMissing, match="incidentlog topics apply") as raised:
        await check(WorkerSettings(bootstrap, prefix=f"none-{uuid.uuid4().hex[:8]}"))
    # A worker has no use for the notes nor for what became of dead letters, and need not know which version is live.
    assert len(raised.value.missing) == len(Topics().all()) - 3


async def test_topics_partitioned_unlike_each_other_are_named(bootstrap: str) -> None:
    topics = Topics(f"test-{uuid.uuid4().hex[:8]}")
    odd = topics.events("RaidConducted")
    await _create(bootstrap, *(NewTopic(t.name, 3 if t.name == odd else t.partitions, 1) for t in topics.all()))
    with pytest.raises(PartitionsDiffer, match="equally many") as raised:
        await check(WorkerSettings(bootstrap, prefix=topics.prefix, patience=1))
    assert raised.value.counts[odd] == 3


async def test_a_broker_that_is_not_there_is_waited_for_no_longer_than_patience(unused_tcp_port: int) -> None:
    settings = WorkerSettings(f"127.0.0.1:{unused_tcp_port}", patience=0.2)
    with pytest.raises(BrokerUnreachable, match="--bootstrap"):
        await asyncio.wait_for(check(settings), 10)


async def test_an_offset_that_no_worker_committed_does_not_count(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    events = list(generate(300, nationalities=3))
    await stack.publish(events)
    beyond, within = (TopicPartition(stack.topics.events("RescueReported"), p) for p in (2, 3))
    await _commit(stack, beyond, 10_000)
    await _commit(stack, within, 1)
    async with WorkerProcess(stack.settings()) as worker:
        await stack.agrees(events)
        assert await worker.stop() == 0
        assert f"{beyond.topic} is read from its beginning" in await worker.messages()


async def _commit(stack: Stack, place: TopicPartition, offset: int) -> None:
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=stack.bootstrap, group_id=stack.settings().group, enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([place])
    await consumer.commit({place: offset})
    await consumer.stop()


async def test_equal_partition_numbers_with_different_owners_are_refused() -> None:
    from incidentlog.worker.engine import App
    from incidentlog.worker.stage import Stage

    stage = Stage(App(WorkerSettings("127.0.0.1:9")), "estimates", ["a", "b"], lambda _: None)
    both = [TopicPartition("a", 1), TopicPartition("b", 1), TopicPartition("other", 0)]
    assert stage.owned(both) == {1}
    with pytest.raises(PartitionsScattered, match="different workers"):
        stage.owned([*both, TopicPartition("a", 2)])


async def test_state_survives_restarts_with_contested_ids(bootstrap: str) -> None:
    events = list(generate(600, seed=4, nationalities=3))
    claims = [event for event in events if b'"RaidConducted' in event.value or b"RescueReported" in event.value][:40]
    copies = [each._replace(value=_other_content(each.value)) for each in claims]
    stack = await new_stack(bootstrap)
    for portion in (events, copies, copies + events):
        await stack.publish(portion)
        async with WorkerProcess(stack.settings()) as worker:
            await stack.settled()
            assert await worker.stop() == 0
    assert worker.counts["known"] == len(copies) + len(events)
    assert await stack.rows() == expected([*events, *copies])
    assert any("id_conflict" in row.get("flags", ()) for row in (await stack.rows()).values())


def _other_content(value: bytes) -> bytes:
    return value.replace(b'"qualifier":"exact"', b'"qualifier":"about"').replace(
        b'"counting_unit"', b'"prior_unknown":true,"counting_unit"'
    )
