"""aiokafka's consumer as a Reader."""

# ruff: noqa: SLF001 - aiokafka has no public way to look up all topics at once

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import OffsetOutOfRangeError

from incidentlog.client.errors import PositionLost
from incidentlog.client.kafka.calls import partition_counts, reaching
from incidentlog.client.kafka.denials import Doing
from incidentlog.client.ports import Record, TopicPartition


class KafkaReader:
    """aiokafka's consumer as a Reader."""

    def __init__(self, client: Any, address: str, doing: Doing = Doing("read")) -> None:  # noqa: B008 - it does not change
        self._client, self._address, self._doing = client, address, doing

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has."""
        return await partition_counts(self._client._client, topics, self._address, self._doing)

    async def start_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Their first offsets."""
        with reaching(self._address, self._doing):
            return _ours(await self._client.beginning_offsets(_theirs(partitions)))

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Their ends: of a committed reader the last stable offset."""
        with reaching(self._address, self._doing):
            return _ours(await self._client.end_offsets(_theirs(partitions)))

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets."""
        self._client.assign(_theirs(positions))
        for partition, offset in positions.items():
            self._client.seek(KafkaPartition(*partition), offset)

    async def fetch(self, seconds: float) -> Mapping[TopicPartition, Sequence[Record]]:
        """What arrived by partition."""
        try:
            with reaching(self._address, self._doing):
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


def _theirs(partitions: Iterable[TopicPartition]) -> list[KafkaPartition]:
    return [KafkaPartition(*partition) for partition in partitions]


def _ours(offsets: Mapping[KafkaPartition, int]) -> dict[TopicPartition, int]:
    return {TopicPartition(*partition): offset for partition, offset in offsets.items()}
