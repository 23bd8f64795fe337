"""Chunks that are dropped while partitions are being assigned: reading goes back for them, also where nothing is committed yet."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from incidentlog.worker.engine import _seek_to_committed

pytestmark = pytest.mark.integration

EACH = 10


async def test_reading_goes_back_to_what_is_committed_or_to_the_beginning(bootstrap: str) -> None:
    name = f"rewind-{uuid.uuid4().hex[:8]}"
    later, first, never = (TopicPartition(name, p) for p in range(3))
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, 3, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await asyncio.gather(
            *[await producer.send(name, b"", partition=p) for p in range(3) for _ in range(EACH)],
        )
    async with AIOKafkaConsumer(
        name, bootstrap_servers=bootstrap, group_id=name, auto_offset_reset="earliest", enable_auto_commit=False
    ) as consumer:
        seen = 0
        async with asyncio.timeout(30):
            while seen < 3 * EACH:
                seen += sum(map(len, (await consumer.getmany(timeout_ms=100)).values()))
        await consumer.commit({later: 4, first: 0})
        assert await _seek_to_committed(consumer, {}) == {later: 4, first: 0, never: None}
        assert [await consumer.position(tp) for tp in (later, first, never)] == [4, 0, 0]
