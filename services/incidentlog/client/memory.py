"""A broker in memory that passes the same contract suite as Kafka, for testing programs that publish and subscribe.

    broker = MemoryBroker(Topics())
    async with Publisher(broker) as publisher:
        receipt = await publisher.publish(event)
    broker.put("incidentlog.rescued-by-nationality.v1", "VNM", b'{"low": 10, "best": 10, "high": 10}')
    async with Subscriber(broker, "rescued-by-nationality") as subscriber:
        rows = await subscriber.snapshot()

No worker folds what is published here: `put` the rows that a test needs. `marker` and `compact`
leave holes in the offsets as transactions and compaction do, and `available = False` makes the broker unreachable.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from incidentlog.client.errors import PositionLost
from incidentlog.client.memory_store import MemoryStore
from incidentlog.client.ports import Batch, Headers, Node, Record, TopicPartition, TopicState
from incidentlog.schemas.topics import Topic

_BATCH_BYTES = 512 << 10


class MemoryBroker(MemoryStore):
    """A Broker in this process; `MemoryBroker(Topics())` has the topics of an installation."""

    address = "memory"

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[MemoryProducer]:
        """Appends at once, or as soon as the broker is available."""
        self.check_available()
        producer = MemoryProducer(self)
        try:
            yield producer
        finally:
            await producer.close()

    @asynccontextmanager
    async def reader(self, *, committed: bool = True, chunk: int = 1 << 20) -> AsyncIterator[MemoryReader]:  # noqa: ARG002
        """Reads what is there; nothing here is ever taken back, and chunks are whole partitions."""
        self.check_available()
        yield MemoryReader(self)

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[MemoryAdmin]:
        """For topics and groups."""
        self.check_available()
        yield MemoryAdmin(self)

    async def nodes(self) -> list[Node]:
        """Nobody has to be found."""
        self.check_available()
        return []


class MemoryBatch:
    """Records for one partition, as many as Kafka's batches hold."""

    def __init__(self) -> None:
        self.entries: list[tuple[bytes, bytes | None, Headers]] = []
        self._size = 0

    def append(self, key: bytes, value: bytes | None, headers: Headers) -> bool:
        """Add a record unless the batch is full."""
        self._size += len(key) + len(value or b"") + 20
        if self.entries and self._size > _BATCH_BYTES:
            return False
        self.entries.append((key, value, headers))
        return True


class MemoryProducer:
    """Appends batches, each partition's in the order they were sent."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._waiting: list[tuple[TopicPartition, MemoryBatch, Future[int]]] = []
        self._task: asyncio.Task[None] | None = None

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has."""
        return self._store.partition_counts(topics)

    def batch(self) -> MemoryBatch:
        """An empty batch."""
        return MemoryBatch()

    async def send(self, partition: TopicPartition, batch: Batch) -> Future[int]:
        """Append the batch, now or when the broker is available again."""
        assert isinstance(batch, MemoryBatch)
        first: Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((partition, batch, first))
        if self._store.available:
            self._deliver()
        elif self._task is None:
            self._task = asyncio.create_task(self._deliver_later())
        return first

    def abandon(self) -> None:
        """Forget what was not appended."""
        for _partition, _batch, first in self._waiting:
            first.cancel()
        self._waiting.clear()

    async def close(self) -> None:
        """Append what is waiting, once the broker is available."""
        if self._waiting and self._task is not None:
            await self._task
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _deliver(self) -> None:
        waiting, self._waiting = self._waiting, []
        for partition, batch, first in waiting:
            first.set_result(self._store.append(partition, batch.entries))

    async def _deliver_later(self) -> None:
        while not self._store.available:
            await self._store.changed()
        self._task = None
        self._deliver()


class MemoryReader:
    """Reads partitions from positions of one's own."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has."""
        return self._store.partition_counts(topics)

    async def start_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Their first offsets: nothing here is ever cut off at its beginning."""
        self._store.check_available()
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Their ends."""
        self._store.check_available()
        return {partition: self._store.log(partition).end for partition in partitions}

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets."""
        self._positions, self._paused = dict(positions), set()

    async def fetch(self, seconds: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """All there is, by partition."""
        changed = asyncio.ensure_future(self._store.changed())
        try:
            async with asyncio.timeout(seconds):
                while not (found := self._ready()):
                    await changed
                    changed = asyncio.ensure_future(self._store.changed())
        except TimeoutError:
            return {}
        else:
            return found
        finally:
            changed.cancel()

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to read."""
        return self._positions[partition]

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch no more of these."""
        self._paused.update(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch these again."""
        self._paused.difference_update(partitions)

    def _ready(self) -> dict[TopicPartition, Sequence[Record]]:
        found: dict[TopicPartition, Sequence[Record]] = {}
        for partition in self._positions.keys() - self._paused if self._store.available else ():
            log = self._store.log(partition)
            if self._positions[partition] > log.end:
                raise PositionLost(*partition, self._positions[partition])
            records = log.since(self._positions[partition])
            self._positions[partition] = log.end
            if records:
                found[partition] = records
        return found


class MemoryAdmin:
    """Looks at topics and groups, creates and deletes topics."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def names(self) -> list[str]:
        """The names of all topics."""
        return self._store.names()

    async def describe(self, names: Iterable[str]) -> dict[str, TopicState]:
        """Those of the named topics that exist."""
        found = filter(None, map(self._store.topic, names))
        return {topic.name: _state(topic) for topic in found}

    async def create(self, topics: Sequence[Topic]) -> list[str]:
        """Create topics; the names of those that did not exist before."""
        return self._store.create(topics)

    async def delete(self, names: Iterable[str]) -> list[str]:
        """Delete topics; the names of those that existed."""
        return self._store.delete(names)

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """The offsets a consumer group has committed."""
        return self._store.committed(group)

    async def owners(self, group: str) -> dict[TopicPartition, str]:
        """Which member of a consumer group owns each partition."""
        return self._store.owners(group)

    async def commit(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Record how far a consumer group has processed."""
        self._store.check_available()
        self._store.commit(group, offsets)


def _state(topic: Topic) -> TopicState:
    return TopicState(topic.name, topic.partitions, topic.settings, topic.replication or 1)
