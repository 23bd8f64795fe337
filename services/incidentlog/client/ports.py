"""The slice of a broker the client uses, as small protocols; `kafka` and `memory` implement them alike."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from incidentlog.schemas.topics import Topic

Headers = Sequence[tuple[str, bytes]]


class TopicPartition(NamedTuple):
    """One shard of a topic; order holds within it only."""

    topic: str
    partition: int


class Position(NamedTuple):
    """A place in the log."""

    topic: str
    partition: int
    offset: int


class Record(Protocol):
    """A stored record; `timestamp` is the milliseconds since 1970 at which it was appended, `value` None a tombstone."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class Batch(Protocol):
    """Records for one partition, appended together."""

    def append(self, key: bytes, value: bytes | None, headers: Headers) -> bool:
        """Add a record; False, without adding it, if the batch is full. The first always fits."""


class Producer(Protocol):
    """Appends batches. Retries by itself and never repeats a batch; share it between tasks freely."""

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has; TopicMissing names those that do not exist."""

    def batch(self) -> Batch:
        """An empty batch."""

    async def send(self, partition: TopicPartition, batch: Batch) -> Future[int]:
        """Return once the batch has its place in the order, with the future of its first offset (-1: not known).

        Call it for one partition only when the call before has returned.
        """

    def abandon(self) -> None:
        """Stop trying to send what the broker has not acknowledged: closing then does not wait for it."""


class Reader(Protocol):
    """Reads partitions from positions of one's own; for one task at a time."""

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has; TopicMissing names those that do not exist."""

    async def start_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Their first offsets."""

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Where reading them ends now: one past the last record that may be read."""

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets, and no others."""

    async def fetch(self, seconds: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """What arrived, by partition and in order; empty if nothing came within so many seconds."""

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to read; moves over offsets that hold nothing to read, such as transaction markers."""

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch no more of these until `resume`."""

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch these again."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as a cluster has it; `replication` is of its least replicated partition."""

    name: str
    partitions: int
    settings: Mapping[str, str]
    replication: int = 1


class Node(NamedTuple):
    """A broker as it tells clients to find it. `apis` are the newest versions of requests it takes, by their numbers;
    `problem` says why it cannot be reached there, "" if it can."""

    id: int
    host: str
    port: int
    apis: Mapping[int, int]
    problem: str = ""


class Admin(Protocol):
    """Looks at topics and groups, creates and deletes topics; alters nothing."""

    async def names(self) -> list[str]:
        """The names of all topics."""

    async def describe(self, names: Iterable[str]) -> dict[str, TopicState]:
        """Those of the named topics that exist."""

    async def create(self, topics: Sequence[Topic]) -> list[str]:
        """Create topics in one request, wait until they can be used; the names of those that did not exist before."""

    async def delete(self, names: Iterable[str]) -> list[str]:
        """Delete topics with all that is in them; the names of those that existed."""

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """The offsets a consumer group has committed."""

    async def owners(self, group: str) -> dict[TopicPartition, str]:
        """Which member of a consumer group owns each partition that anybody owns now."""

    async def commit(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Record how far a group without members has processed. Kafka forgets that after a week, unless told again."""


class Broker(Protocol):
    """Where the log is. Opening raises BrokerUnreachable if nothing answers there, BrokerRefused if it will not serve."""

    @property
    def address(self) -> str:
        """How people know it, `host:port`."""

    def producer(self) -> AbstractAsyncContextManager[Producer]:
        """An idempotent producer whose records are acknowledged by all replicas."""

    def reader(self, *, committed: bool = True, chunk: int = 1 << 20) -> AbstractAsyncContextManager[Reader]:
        """A reader in no group; `committed`: only what no transaction can take back; `chunk`: bytes fetched at once."""

    def admin(self) -> AbstractAsyncContextManager[Admin]:
        """For topics and groups."""

    async def nodes(self) -> list[Node]:
        """The brokers of the cluster, as the first one that answers at `address` tells of them."""
