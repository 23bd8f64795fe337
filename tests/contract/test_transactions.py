"""What recovery and the suite's readers rely on in the broker's transactions."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from incidentlog.worker.writer import Writer
from support.stack import Stack, new_stack

ROUNDS = 15


async def test_a_writer_that_has_started_finds_nothing_of_the_former_one_pending(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    places = [TopicPartition(topic.name, p) for topic in stack.topics.all() for p in range(topic.partitions)]
    for number in range(ROUNDS):
        former = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{stack.topics.prefix}-former")
        await former.start()
        await former.begin_transaction()
        await asyncio.gather(*[await former.send(tp.topic, b"x", b"k", partition=tp.partition) for tp in places])
        if number % 2:
            await former.commit_transaction()  # acknowledged before its markers are in every partition
        successor = Writer(stack.settings(), f"{stack.topics.prefix}-former")
        await successor.start()
        committed = await _ends(stack, places, "read_committed")
        assert committed == await _ends(stack, places, "read_uncommitted"), "recovery would read too little"
        await asyncio.gather(successor.stop(), _let_go(former))


async def _let_go(former: AIOKafkaProducer) -> None:
    with suppress(TimeoutError):  # it waits for an end of its transaction that it may not write any more
        async with asyncio.timeout(0.5):
            await former.stop()


async def _ends(stack: Stack, places: list[TopicPartition], isolation: str) -> dict[TopicPartition, int]:
    async with AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, isolation_level=isolation) as consumer:
        consumer.assign(places)
        found: dict[TopicPartition, int] = await consumer.end_offsets(places)
    return found


async def test_what_is_about_to_be_committed_is_waited_for(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    names = [topic.name for topic in stack.topics.all()]
    places = [TopicPartition(topic.name, p) for topic in stack.topics.all() for p in range(topic.partitions)]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{stack.topics.prefix}-one") as producer:
        async with producer.transaction():
            await asyncio.gather(*[await producer.send(tp.topic, b"x", b"k", partition=tp.partition) for tp in places])
            with pytest.raises(TimeoutError, match="transactions are open"):
                await stack.read(*names, seconds=0.5)
            reading = asyncio.create_task(stack.read(*names))
            await asyncio.wait([reading], timeout=1)
        assert len(await reading) == len(places)
