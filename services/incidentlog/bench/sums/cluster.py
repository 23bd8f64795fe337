"""The broker's side of a measurement: topics made and removed, events put there, progress looked up, rows read back."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from incidentlog.schemas.partitioning import partition_of
from incidentlog.worker.outbox import BATCH_BYTES, NO_HEADERS, Outbox, send

PARTITIONS = 4
_SLICE = 20_000


class Cluster:
    """`async with Cluster(bootstrap, prefix) as cluster:`; at the end every topic whose name begins so is gone."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.bootstrap, self.prefix = bootstrap, prefix
        self._admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        self._consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 << 20,
            check_crcs=False,
        )

    async def __aenter__(self) -> Self:
        await asyncio.gather(self._admin.start(), self._consumer.start())
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.remove(lambda topic: topic.startswith(self.prefix))
        finally:
            await asyncio.gather(self._admin.close(), self._consumer.stop())

    async def create(self, topic: str, *, compacted: bool) -> None:
        """Make a topic of four partitions, on one broker."""
        settings = {"cleanup.policy": "compact"} if compacted else {"retention.ms": "-1"}
        new = NewTopic(topic, PARTITIONS, 1, topic_configs=settings)
        [(_, code, *_rest)] = (await self._admin.create_topics([new])).topic_errors
        assert code == 0, f"error {code} on creating {topic}"

    async def remove(self, which: Callable[[str], bool]) -> None:
        """Delete the topics that `which` says."""
        if names := list(filter(which, await self._admin.list_topics())):
            await self._admin.delete_topics(names)

    async def append(self, records: Iterable[tuple[str, bytes, bytes]], told: Callable[[int], object]) -> None:
        """Append (topic, key, value), each on the partition of its key; `told` hears of how many are there."""
        records, done = iter(records), 0
        async with AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, enable_idempotence=True, max_batch_size=BATCH_BYTES
        ) as producer:
            while portion := list(itertools.islice(records, _SLICE)):
                outbox: Outbox = defaultdict(list)
                for topic, key, value in portion:
                    outbox[topic, partition_of(key, PARTITIONS)].append((key, value, NO_HEADERS))
                await send(producer, outbox)
                told(done := done + len(portion))

    async def committed(self, group: str, topic: str) -> int:
        """How many events of a topic a group has done with."""
        offsets = await self._admin.list_consumer_group_offsets(group)
        return sum(max(0, each.offset) for tp, each in offsets.items() if tp.topic == topic)

    async def ends(self, topic: str) -> dict[TopicPartition, int]:
        """The end offset of each partition."""
        parts = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        found: dict[TopicPartition, int] = await self._consumer.end_offsets(parts)
        return found

    async def sums(self, topic: str) -> dict[bytes, int]:
        """The newest committed number of each key: a value is a JSON number, or an object with a `sum`."""
        ends = await self.ends(topic)
        self._consumer.assign(list(ends))
        newest: dict[bytes, bytes] = {}
        try:
            while any([await self._consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await self._consumer.getmany(timeout_ms=100)).values():
                    newest.update((record.key, record.value) for record in records)
        finally:
            self._consumer.unsubscribe()
        return {key: _number(value) for key, value in newest.items()}


def _number(value: bytes) -> int:
    row = orjson.loads(value)
    return int(row["sum"] if isinstance(row, dict) else row)
