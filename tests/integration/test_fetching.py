"""The worker's consumer gives the very records that aiokafka's own does, only without their topic and partition."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from incidentlog.worker.fetching import BatchConsumer

pytestmark = pytest.mark.integration


@pytest.fixture
async def topic(bootstrap: str) -> str:
    """Batches of all kinds: committed, aborted, plain, compressed; with headers, without keys, without values."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=name) as producer:
        for number in range(6):
            await producer.begin_transaction()
            for each in range(5):
                await producer.send_and_wait(name, b"%d" % number, key=b"%d" % each, headers=[("n", b"%d" % each)])
            await (producer.abort_transaction() if number % 3 == 1 else producer.commit_transaction())
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, compression_type="gzip") as producer:
        for number in range(100):
            await producer.send(name, None if number % 7 == 0 else b"x" * number, key=None if number % 7 == 1 else b"k")
    return name


async def _read(consumer: Any, topic: str, start: int, at_most: int | None) -> tuple[list[Any], int]:
    tp, found = TopicPartition(topic, 0), []
    async with consumer:
        consumer.assign([tp])
        consumer.seek(tp, start)
        [end] = (await consumer.end_offsets([tp])).values()
        while await consumer.position(tp) < end:
            for records in (await consumer.getmany(timeout_ms=100, max_records=at_most)).values():
                found += [(r.offset, r.key, r.value, r.timestamp, r.timestamp_type, tuple(r.headers)) for r in records]
        return found, await consumer.position(tp)


@pytest.mark.parametrize(("start", "at_most"), [(0, None), (3, None), (0, 7), (41, 1000)])
@pytest.mark.parametrize("isolation", ["read_committed", "read_uncommitted"])
async def test_records_are_the_same(
    bootstrap: str, topic: str, start: int, at_most: int | None, isolation: str
) -> None:
    options: Any = {"bootstrap_servers": bootstrap, "auto_offset_reset": "earliest", "isolation_level": isolation}
    plain, place = await _read(AIOKafkaConsumer(**options), topic, start, at_most)
    assert len(plain) > 90
    assert await _read(BatchConsumer(**options), topic, start, at_most) == (plain, place)


async def test_fetches_keep_their_distance_and_miss_nothing(bootstrap: str, topic: str) -> None:
    consumer: Any = BatchConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=20)
    consumer.fetch_every = 0.1
    moments: list[float] = []
    async with consumer, AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        send, clock = consumer._client.send, asyncio.get_running_loop().time

        async def noting(node: int, request: Any, **options: Any) -> Any:
            if type(request).__name__.startswith("FetchRequest"):
                moments.append(clock())
            return await send(node, request, **options)

        consumer._client.send = noting
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_end()
        await consumer.position(TopicPartition(topic, 0))

        async def produce() -> None:
            while len(moments) < 5:
                await producer.send_and_wait(topic, b"%d" % len(produced))
                produced.append(b"%d" % len(produced))

        produced, found = list[bytes](), list[bytes]()
        producing = asyncio.create_task(produce())
        async with asyncio.timeout(30):
            while not producing.done() or len(found) < len(produced):
                found += [r.value for each in (await consumer.getmany(timeout_ms=50)).values() for r in each]
        await producing
    assert found == produced
    assert len(produced) > 5
    assert min(later - sooner for sooner, later in itertools.pairwise(moments)) > 0.09
