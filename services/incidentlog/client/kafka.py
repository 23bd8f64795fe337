"""The ports on a real Kafka. The only module that imports aiokafka, which ships no types: what is Any stays in here."""

# ruff: noqa: SLF001 - aiokafka has no public way to look up all topics at once, nor to give up what it cannot send

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, OffsetOutOfRangeError, TopicAlreadyExistsError, for_code

from incidentlog.client import quiet
from incidentlog.client.errors import BrokerRefused, BrokerUnreachable, PositionLost, TopicMissing
from incidentlog.client.ports import Batch, Headers, Record, TopicPartition, TopicState
from incidentlog.schemas.topics import Topic

_REQUEST_MS = 10_000
_BATCH_BYTES = 512 << 10
_CLOSE_SECONDS = 5.0


class KafkaBroker:
    """A Kafka cluster at `bootstrap` (`host:port`, several separated by commas).

    `security` goes to every connection as aiokafka's keywords: `security_protocol`, `ssl_context`, `sasl_mechanism` …
    """

    def __init__(self, bootstrap: str, security: Mapping[str, Any] | None = None) -> None:
        self.address = bootstrap
        self._options: dict[str, Any] = {"bootstrap_servers": bootstrap, **(security or {})}
        quiet.limit("aiokafka")

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[KafkaProducer]:
        """An idempotent producer, acks=all."""
        client = AIOKafkaProducer(
            **self._options, enable_idempotence=True, acks="all", max_batch_size=_BATCH_BYTES, request_timeout_ms=30_000
        )
        producer = KafkaProducer(client, self.address)
        try:
            with _reaching(self.address):
                await client.start()
            yield producer
        finally:
            await producer.close()

    @asynccontextmanager
    async def reader(self, *, committed: bool = True, chunk: int = 1 << 20) -> AsyncIterator[KafkaReader]:
        """A consumer in no group, positions its caller's own."""
        client = AIOKafkaConsumer(
            **self._options,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed" if committed else "read_uncommitted",
            max_partition_fetch_bytes=chunk,
            fetch_max_wait_ms=100,
            request_timeout_ms=_REQUEST_MS,
        )
        try:
            with _reaching(self.address):
                await client.start()
            yield KafkaReader(client, self.address)
        finally:
            await client.stop()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[KafkaAdmin]:
        """A connection for topics and groups."""
        client = AIOKafkaAdminClient(**self._options, request_timeout_ms=_REQUEST_MS)
        try:
            with _reaching(self.address):
                await client.start()
            yield KafkaAdmin(client, self.address)
        finally:
            await client.close()


class KafkaBatch:
    """aiokafka's batch builder as a Batch."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def append(self, key: bytes, value: bytes | None, headers: Headers) -> bool:
        """Add a record unless the batch is full."""
        return self.builder.append(timestamp=None, key=key, value=value, headers=list(headers)) is not None


class KafkaProducer:
    """aiokafka's producer as a Producer."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has."""
        return await _partition_counts(self._client.client, topics, self._address)

    def batch(self) -> KafkaBatch:
        """An empty batch."""
        return KafkaBatch(self._client.create_batch())

    async def send(self, partition: TopicPartition, batch: Batch) -> Future[int]:
        """Queue the batch; while the broker is away this waits, for as long as the caller does."""
        assert isinstance(batch, KafkaBatch)
        while True:
            try:
                sent = await self._client.send_batch(batch.builder, partition.topic, partition=partition.partition)
            except KafkaError as error:
                if not error.retriable and not isinstance(error, TimeoutError):
                    raise BrokerRefused(self._address, repr(error)) from error
            else:
                return _offset_of(sent, self._address)

    def abandon(self) -> None:
        """Fail what is queued, so that closing does not wait for a broker that is away."""
        self._client._message_accumulator.fail_all(KafkaConnectionError("given up"))

    async def close(self) -> None:
        """Stop; what was abandoned may still be under way for a moment."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._client.stop()
        except (TimeoutError, KafkaError):
            await self._client.client.close()


class KafkaReader:
    """aiokafka's consumer as a Reader."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has."""
        return await _partition_counts(self._client._client, topics, self._address)

    async def start_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Their first offsets."""
        with _reaching(self._address):
            return _ours(await self._client.beginning_offsets(_theirs(partitions)))

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Their ends: of a committed reader the last stable offset."""
        with _reaching(self._address):
            return _ours(await self._client.end_offsets(_theirs(partitions)))

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets."""
        self._client.assign(_theirs(positions))
        for partition, offset in positions.items():
            self._client.seek(KafkaPartition(*partition), offset)

    async def fetch(self, seconds: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """What arrived by partition."""
        try:
            with _reaching(self._address):
                found = await self._client.getmany(timeout_ms=int(seconds * 1000))
        except OffsetOutOfRangeError as error:
            (partition, offset), *_ = error.args[0].items()
            raise PositionLost(partition.topic, partition.partition, offset) from error
        return {TopicPartition(*partition): records for partition, records in found.items()}

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to read."""
        return int(await self._client.position(KafkaPartition(*partition)))

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch no more of these."""
        self._client.pause(*_theirs(partitions))

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch these again."""
        self._client.resume(*_theirs(partitions))


class KafkaAdmin:
    """aiokafka's admin client as an Admin."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address

    async def describe(self, names: Iterable[str]) -> dict[str, TopicState]:
        """Those that exist. All topics are listed, since asking for a missing one by name can create it."""
        with _reaching(self._address):
            listed = {topic["topic"]: len(topic["partitions"]) for topic in await self._client.describe_topics()}
            found = [name for name in names if name in listed]
            if not found:
                return {}
            asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in found]
            settings = await self._client.describe_configs(asked)
        return {
            name: TopicState(name, listed[name], {entry[0]: entry[1] for entry in entries})
            for response in settings
            for _code, _message, _kind, name, entries in response.resources
        }

    async def create(self, topics: Sequence[Topic]) -> list[str]:
        """Create topics with the cluster's own replication factor."""
        wanted = [NewTopic(each.name, each.partitions, -1, {}, each.settings) for each in topics]
        with _reaching(self._address):
            response = await self._client.create_topics(wanted)
        created = []
        for name, code, message in response.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise BrokerRefused(self._address, f"to create {name}: {message or error.__name__}")
            if not code:
                created.append(name)
        await self._until_usable(created)
        return created

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """The group's committed offsets."""
        with _reaching(self._address):
            found = await self._once_coordinated(group)
        return {TopicPartition(*each): at.offset for each, at in found.items() if at.offset >= 0}

    async def _once_coordinated(self, group: str) -> Any:
        """The offsets, after the moments a cluster needs to find out who keeps them."""
        async with asyncio.timeout(_REQUEST_MS / 1000):
            while True:
                try:
                    return await self._client.list_consumer_group_offsets(group)
                except KafkaError as error:
                    if not error.retriable:
                        raise
                    await asyncio.sleep(0.1)

    async def _until_usable(self, names: Iterable[str]) -> None:
        """Return when every partition has a leader."""
        wanted = set(names)
        while wanted:
            with _reaching(self._address):
                for topic in await self._client.describe_topics():
                    leaders = [partition["leader"] for partition in topic["partitions"]]
                    if leaders and min(leaders) >= 0:
                        wanted.discard(topic["topic"])
            await asyncio.sleep(0.02 if wanted else 0)


@contextmanager
def _reaching(address: str) -> Iterator[None]:
    """Turn aiokafka's errors into ours."""
    try:
        yield
    except OffsetOutOfRangeError:
        raise
    except (OSError, TimeoutError) as error:
        raise BrokerUnreachable(address, error) from error
    except KafkaError as error:
        if error.retriable or "metadata" in str(error) or isinstance(error, KafkaConnectionError):
            raise BrokerUnreachable(address, error) from error
        raise BrokerRefused(address, repr(error)) from error


async def _partition_counts(client: Any, topics: Iterable[str], address: str) -> dict[str, int]:
    """Counts from the metadata of all topics, since asking for a missing one by name can create it."""
    with _reaching(address):
        cluster = await client.fetch_all_metadata()
    counts = {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics}
    missing = [topic for topic, count in counts.items() if not count]
    if missing:
        raise TopicMissing(address, missing)
    with _reaching(address):
        await client.set_topics({*counts, *client._topics})  # else each is looked up on its own, 0.1 s apiece
    return counts


def _offset_of(sent: Future[Any], address: str) -> Future[int]:
    """The future of the batch's first offset."""
    first: Future[int] = asyncio.get_running_loop().create_future()

    def settle(done: Future[Any]) -> None:
        error = done.exception()
        if first.done():
            return
        if error is None:
            first.set_result(done.result().offset)
        else:
            first.set_exception(BrokerRefused(address, repr(error)))

    sent.add_done_callback(settle)
    return first


def _theirs(partitions: Iterable[TopicPartition]) -> list[KafkaPartition]:
    return [KafkaPartition(*partition) for partition in partitions]


def _ours(offsets: Mapping[KafkaPartition, int]) -> dict[TopicPartition, int]:
    return {TopicPartition(*partition): offset for partition, offset in offsets.items()}
