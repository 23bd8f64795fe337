"""One installation on a shared broker: topics of its own, events published fast, and what the topics hold in the end."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError

from incidentlog.bench.job.truth import Rows, comparable, truth
from incidentlog.bench.load import Produced
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import PROJECTIONS, Topics
from incidentlog.worker.outbox import send
from incidentlog.worker.settings import WorkerSettings
from support.brokers import MADE

__all__ = ["Rows", "Stack", "expected", "new_stack"]

#: The rows that events must end in, whatever their order.
expected = truth


@dataclass(frozen=True)
class Stack:
    """The topics of one test on the broker at `bootstrap`."""

    bootstrap: str
    topics: Topics

    def settings(self, **changes: Any) -> WorkerSettings:
        """Settings of a worker for these topics; it commits often, since tests wait for that."""
        chosen = {"patience": 10.0, "commit_interval": 0.2, **changes}
        return WorkerSettings(self.bootstrap, self.topics.prefix, self.topics.version, **chosen)

    async def publish(self, events: Iterable[Produced]) -> int:
        """Append events to their topics, in order within each; how many there were."""
        byplace: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for home, key, value in events:
            place = self.topics.events(home), partition_of(key, self.topics.partitions)
            byplace[place].append((key, value, []))
        await self.append(byplace)
        return sum(map(len, byplace.values()))

    async def append(self, byplace: Mapping[tuple[str, int], list[Any]]) -> None:
        """Append (key, value, headers) to topic partitions."""
        async with AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, max_batch_size=1 << 19, enable_idempotence=True
        ) as producer:
            await send(producer, byplace)

    async def read(self, *names: str, seconds: float = 40.0) -> list[Any]:
        """All committed records of topics, in order within each partition.

        To the real end: the broker acknowledges a transaction's end before its marker is in every partition, and until
        then the committed end lies before it. What a killed worker left open ends when a successor of its name starts, or
        by its timeout; TimeoutError names what stays open longer than `seconds`.
        """
        ends = await self.real_ends(names)
        async with AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", isolation_level="read_committed", fetch_max_wait_ms=50,
            max_partition_fetch_bytes=4 << 20,
        ) as consumer:  # fmt: skip
            consumer.assign(list(ends))
            deadline = asyncio.get_running_loop().time() + seconds
            found: list[Any] = []
            while missing := {tp: end for tp, end in ends.items() if await consumer.position(tp) < end}:
                for chunk in (await consumer.getmany(timeout_ms=100)).values():
                    found += chunk
                    deadline = asyncio.get_running_loop().time() + seconds
                if asyncio.get_running_loop().time() > deadline:
                    raise TimeoutError(f"transactions are open: not readable to {missing} for {seconds:g} s")
        return [record for record in found if record.offset < ends[TopicPartition(record.topic, record.partition)]]

    async def real_ends(self, names: Iterable[str]) -> dict[TopicPartition, int]:
        """Where all partitions of topics end, whatever transactions are open."""
        counts = {topic.name: topic.partitions for topic in self.topics.all()}
        parts = [TopicPartition(name, p) for name in names for p in range(counts[name])]
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_uncommitted") as consumer:
            consumer.assign(parts)  # tells it all topics at once; else it asks for one after another, 0.1 s each
            found: dict[TopicPartition, int] = await consumer.end_offsets(parts)
        return found

    async def log(self) -> list[Produced]:
        """Every record of the event topics, repetitions included."""
        records = await self.read(*self.topics.counted, *self.topics.official)
        return [Produced(self.topics.event_type(each.topic), each.key, each.value) for each in records]

    async def rows(self) -> Rows:
        """The newest row of each projection and key."""
        table: dict[tuple[str, bytes], Any] = {}
        for record in await self.read(*map(self.topics.rows, PROJECTIONS)):
            table[record.topic, record.key] = record.value
        decoded = [(topic, orjson.loads(value)) for (topic, _), value in table.items() if value is not None]
        return {(topic.split(".")[1], row["key"]): comparable(row) for topic, row in decoded}

    async def committed(self) -> dict[TopicPartition, int]:
        """Where the workers' group stands; waits for a coordinator, which a broker that just started has not yet."""
        async with asyncio.timeout(30), self._admin() as admin:
            while True:
                with suppress(GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError):
                    found = await admin.list_consumer_group_offsets(self.settings().group)
                    break
                await asyncio.sleep(0.1)
        return {tp: each.offset for tp, each in found.items() if each.offset >= 0}

    async def committed_ids(self) -> set[str]:
        """The ids of the events before the committed offsets."""
        committed = await self.committed()
        records = await self.read(*self.topics.counted, *self.topics.official)
        return {
            orjson.loads(record.value)["id"]
            for record in records
            if record.offset < committed.get(TopicPartition(record.topic, record.partition), 0)
        }

    async def stored_ids(self) -> set[str]:
        """The ids in the sets."""
        return {record.key.decode().split("#")[1] for record in await self.read(self.topics.statements)}

    async def assignment(self) -> dict[str, dict[str, set[int]]]:
        """Partition numbers by member and topic, once the group is stable."""
        async with asyncio.timeout(60), self._admin() as admin:
            while True:
                [response] = await admin.describe_consumer_groups([self.settings().group])
                _, _, state, _, _, members, *_ = response.groups[0]
                if state == "Stable":
                    return {member: _numbers(assigned) for member, *_, assigned in members}
                await asyncio.sleep(0.1)

    async def protocol(self) -> tuple[str, str]:
        """By what the workers' group is kept: the protocol's type, and who assigns. Brokers tell this of classic groups only."""
        async with self._admin() as admin:
            [response] = await admin.describe_consumer_groups([self.settings().group])
        _, _, _, kind, assignor, *_ = response.groups[0]
        return kind, assignor

    async def missing(self, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """How many records before these ends no worker has committed yet, by partition."""
        committed = await self.committed()
        return {tp: end - committed.get(tp, 0) for tp, end in ends.items() if end > committed.get(tp, 0)}

    async def ends(self) -> dict[TopicPartition, int]:
        """The end offsets of the event topics."""
        return await self.real_ends((*self.topics.counted, *self.topics.official))

    async def settled(self, seconds: float = 60.0) -> None:
        """Wait until everything published is folded through both stages and committed."""
        async with asyncio.timeout(seconds):
            await self.committed_to(await self.ends())
            records = await self.read(self.topics.contributions)  # its tail are transaction markers: look for records
            await self.committed_to({TopicPartition(r.topic, r.partition): r.offset + 1 for r in records})

    async def agrees(self, events: Iterable[Produced], seconds: float = 60.0) -> None:
        """Wait until the rows are those of these events: where the tails of topics are taken back, nobody commits so far."""
        oracle = expected(events)
        async with asyncio.timeout(seconds):
            while await self.rows() != oracle:  # noqa: ASYNC110 - a row says nothing of those to come
                await asyncio.sleep(0.2)

    async def begun(self, seconds: float = 60.0) -> None:
        """Wait until workers have committed anything."""
        async with asyncio.timeout(seconds):
            while not any((await self.committed()).values()):  # noqa: ASYNC110 - a broker tells nobody
                await asyncio.sleep(0.05)

    async def committed_to(self, ends: Mapping[TopicPartition, int]) -> None:
        """Wait until the workers have committed up to these offsets."""
        while await self.missing(ends):  # noqa: ASYNC110 - a broker tells nobody when a group commits
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[Any]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def create(self, tables: Mapping[str, str]) -> None:
        """Create all topics; `tables` are settings that the compacted ones have besides their own."""
        async with self._admin() as admin:
            wanted = [
                NewTopic(t.name, t.partitions, 1, topic_configs={**t.settings, **(tables if t.kind == "table" else {})})
                for t in self.topics.all()
            ]
            response = await admin.create_topics(wanted)
            assert not [error for error in response.topic_errors if error[1]], response.topic_errors
            MADE[self.bootstrap].add(f"{self.topics.prefix}.")
            async with asyncio.timeout(60):  # a client that finds partitions without leaders asks again without a pause
                while not all(_led(each) for each in await admin.describe_topics([topic.name for topic in wanted])):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)


def _led(topic: Mapping[str, Any]) -> bool:
    return bool(topic["partitions"]) and all(each["leader"] >= 0 for each in topic["partitions"])


def _numbers(assigned: bytes) -> dict[str, set[int]]:
    decoded: Any = ConsumerProtocolMemberAssignment.decode(assigned)
    return {topic: set(partitions) for topic, partitions in decoded.assignment}


async def new_stack(bootstrap: str, tables: Mapping[str, str] | None = None) -> Stack:
    """A stack with fresh topics; `tables` are further settings of the compacted ones."""
    stack = Stack(bootstrap, Topics(prefix=f"test-{uuid.uuid4().hex[:8]}"))
    await stack.create(tables or {})
    return stack


async def told_stack(bootstrap: str, events: Iterable[Produced]) -> Stack:
    """A stack whose topics hold these events."""
    stack = await new_stack(bootstrap)
    await stack.publish(events)
    return stack
