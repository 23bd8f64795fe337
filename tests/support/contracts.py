"""The brokers that one contract suite runs on: a suite is a class, and each broker a subclass of both."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from incidentlog.client import MemoryBroker
from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.ports import Broker, Record, TopicPartition
from incidentlog.client.reading import partitions_of, read_to_end
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply

T = TypeVar("T")


def apart(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, run in a loop of its own: for fixtures that outlive a test's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class Suite:
    """A contract: its tests take `broker` and `topics`, which the tests of one class share."""

    @pytest.fixture(scope="class")
    @classmethod
    def topics(cls, broker: Broker) -> Topics:
        """Topics that exist, under a prefix nobody else has."""
        topics = Topics(prefix=f"t-{uuid4().hex[:12]}", partitions=2)
        apart(apply(broker, topics))
        return topics

    async def commit(self, broker: Any, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit for a group, as a worker would."""
        raise NotImplementedError

    async def abort(self, broker: Any, partition: TopicPartition) -> None:
        """End a partition with what nobody may read: a record taken back, and the marker that says so."""
        raise NotImplementedError


class InMemory:
    """The broker that ships with the client."""

    @pytest.fixture(scope="class")
    @classmethod
    def broker(cls) -> Broker:
        return MemoryBroker()

    async def commit(self, broker: MemoryBroker, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        broker.commit(group, offsets)

    async def abort(self, broker: MemoryBroker, partition: TopicPartition) -> None:
        broker.marker(partition)
        broker.marker(partition)


class OnKafka:
    """A real one."""

    @pytest.fixture(scope="class")
    @classmethod
    def broker(cls, bootstrap: str) -> Broker:
        return KafkaBroker(bootstrap)

    async def commit(self, broker: KafkaBroker, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        async with AIOKafkaConsumer(
            bootstrap_servers=broker.address, group_id=group, enable_auto_commit=False
        ) as consumer:
            consumer.assign([KafkaPartition(*partition) for partition in offsets])
            await consumer.commit({KafkaPartition(*partition): offset for partition, offset in offsets.items()})

    async def abort(self, broker: KafkaBroker, partition: TopicPartition) -> None:
        identity = f"aborts-{uuid4().hex}"
        async with AIOKafkaProducer(bootstrap_servers=broker.address, transactional_id=identity) as producer:
            await producer.begin_transaction()
            await producer.send_and_wait(partition.topic, b"taken back", key=b"k", partition=partition.partition)
            await producer.abort_transaction()


async def stored(broker: Broker, topic: str) -> list[Record]:
    """All records of a topic that may be read, partition by partition."""
    async with broker.reader() as reader:
        partitions = await partitions_of(reader, [topic])
        starts, ends = await reader.start_offsets(partitions), await reader.end_offsets(partitions)
        found = [record async for chunk in read_to_end(reader, starts, ends) for record in chunk]
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def put(broker: Broker, partition: TopicPartition, *entries: tuple[str, bytes | None]) -> int:
    """Append keyed values to a partition; the first one's offset."""
    async with broker.producer() as producer:
        batch = producer.batch()
        for key, value in entries:
            assert batch.append(key.encode(), value, ())
        return await (await producer.send(partition, batch))
