"""Where a MemoryBroker keeps its topics, and what tests do to them directly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from incidentlog.client.errors import BrokerUnreachable, TopicMissing
from incidentlog.client.ports import Headers, TopicPartition
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topic, Topics


@dataclass(frozen=True, slots=True)
class MemoryRecord:
    """A record as it is stored."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True)
class MemoryLog:
    """One partition: its records, rising in offset and not always without holes, and its end."""

    records: list[MemoryRecord] = field(default_factory=list)
    end: int = 0

    def since(self, offset: int) -> list[MemoryRecord]:
        """The records at or after `offset`."""
        at = len(self.records)
        while at and self.records[at - 1].offset >= offset:
            at -= 1
        return self.records[at:]


class MemoryStore:
    """Topics, partitions, offsets, keys, headers and groups' commits, in this process; empty at first but for `topics`."""

    address = "memory"

    def __init__(self, topics: Topics | None = None) -> None:
        self._topics: dict[str, Topic] = {}
        self._logs: dict[TopicPartition, MemoryLog] = {}
        self._commits: dict[str, dict[TopicPartition, int]] = {}
        self._owners: dict[str, dict[TopicPartition, str]] = {}
        self._changed = asyncio.Event()
        self._available = True
        if topics is not None:
            self.create(topics.all())

    @property
    def available(self) -> bool:
        """Whether requests are answered; while they are not, producers wait and everything else raises."""
        return self._available

    @available.setter
    def available(self, answers: bool) -> None:
        self._available = answers
        self._wake()

    def create(self, topics: Iterable[Topic]) -> list[str]:
        """Create topics; the names of those that did not exist before."""
        created = [topic for topic in topics if topic.name not in self._topics]
        for topic in created:
            self._topics[topic.name] = topic
            self._logs.update({TopicPartition(topic.name, n): MemoryLog() for n in range(topic.partitions)})
        return [topic.name for topic in created]

    def delete(self, names: Iterable[str]) -> list[str]:
        """Delete topics; the names of those that existed."""
        deleted = [name for name in names if self._topics.pop(name, None) is not None]
        for partition in [each for each in self._logs if each.topic in deleted]:
            del self._logs[partition]
        self._wake()
        return deleted

    def names(self) -> list[str]:
        """The names of all topics."""
        return list(self._topics)

    def put(self, topic: str, key: str, value: bytes | None, headers: Headers = ()) -> MemoryRecord:
        """Append one record where its key belongs."""
        number = partition_of(key.encode(), self.partition_counts([topic])[topic])
        self.append(TopicPartition(topic, number), [(key.encode(), value, headers)])
        return self._logs[TopicPartition(topic, number)].records[-1]

    def append(self, partition: TopicPartition, entries: Iterable[tuple[bytes, bytes | None, Headers]]) -> int:
        """Append records to a partition; the first one's offset."""
        log = self._logs[partition]
        first, now = log.end, int(time.time() * 1000)
        for key, value, headers in entries:
            log.records.append(MemoryRecord(*partition, log.end, now, key, value, tuple(headers)))
            log.end += 1
        self._wake()
        return first

    def marker(self, partition: TopicPartition) -> None:
        """Use up an offset with something nobody reads, as the end of a transaction does."""
        self._logs[partition].end += 1
        self._wake()

    def compact(self, topic: str) -> None:
        """Keep only the newest record of each key, with its offset."""
        for partition, log in self._logs.items():
            if partition.topic == topic:
                newest = {record.key: record.offset for record in log.records}
                log.records = [record for record in log.records if newest[record.key] == record.offset]

    def log(self, partition: TopicPartition) -> MemoryLog:
        """One partition's records."""
        return self._logs[partition]

    def topic(self, name: str) -> Topic | None:
        """The topic as it was created, if it was."""
        return self._topics.get(name)

    def committed(self, group: str) -> dict[TopicPartition, int]:
        """How far a consumer group has processed."""
        return dict(self._commits.get(group, {}))

    def records(self, topic: str) -> list[MemoryRecord]:
        """All records of a topic, partition by partition."""
        return [record for partition, log in self._logs.items() if partition.topic == topic for record in log.records]

    def commit(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Record how far a consumer group has processed."""
        self._commits.setdefault(group, {}).update(offsets)

    def owners(self, group: str) -> dict[TopicPartition, str]:
        """Which member of a consumer group owns each partition."""
        return dict(self._owners.get(group, {}))

    def own(self, group: str, owners: Mapping[TopicPartition, str]) -> None:
        """Give partitions to members of a consumer group."""
        self._owners.setdefault(group, {}).update(owners)

    def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has; TopicMissing names those that do not exist."""
        wanted = list(topics)
        self.check_available()
        missing = [topic for topic in wanted if topic not in self._topics]
        if missing:
            raise TopicMissing(self.address, missing)
        return {topic: self._topics[topic].partitions for topic in wanted}

    def check_available(self) -> None:
        """BrokerUnreachable while `available` is False."""
        if not self._available:
            raise BrokerUnreachable(self.address, "made unavailable")

    async def changed(self) -> None:
        """Return at the next change of anything."""
        await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
