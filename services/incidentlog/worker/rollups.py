"""Stage two: contributions of changed cells into the rows of the roll-ups that live on one partition number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from incidentlog.projections.rollups import RollupState
from incidentlog.schemas.contributions import decode_contribution
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.topics import ROLLUPS, Topics
from incidentlog.worker.errors import FoldFailed
from incidentlog.worker.outbox import NO_HEADERS, Outbox


def rollups_on(partition: int, partitions: int) -> list[str]:
    """The roll-ups whose contributions, and whose one writer, are on this partition number."""
    return [name for name in ROLLUPS if partition_of(name.encode(), partitions) == partition]


class RollupsFold:
    """Roll-ups in memory. Their state is the contributions topic itself, read back whole: the latest value of each key.

    `counts` are the partitions of each topic: rows lie where Kafka's own partitioner puts their keys.
    """

    def __init__(self, topics: Topics, counts: Mapping[str, int], partition: int) -> None:
        self._topics, self._counts, self._partition = topics, counts, partition
        self._state = RollupState()
        self._restored: dict[bytes, tuple[int, bytes]] = {}
        self._published: dict[tuple[str, bytes], bytes] | None = {}

    def restore(self, record: Any) -> None:
        """Take a contribution back. It is read when the last of its key is known."""
        if record.value is not None:
            self._restored[record.key] = record.offset, record.value

    def published(self, record: Any) -> None:
        """Note a row that is on its topic already, whoever wrote it."""
        assert self._published is not None
        if record.value is None:
            self._published.pop((record.topic, record.key), None)
        else:
            self._published[record.topic, record.key] = record.value

    def fold(self, _topic: str, chunk: Sequence[Any]) -> None:
        """Apply contributions; those read back before change nothing."""
        self._read_restored()
        for record in chunk:
            if record.value is not None:
                self._apply(record.offset, record.value)

    def take(self) -> Outbox:
        """The rows that changed; after a restore, those that differ from what is published."""
        self._read_restored()
        rows: dict[tuple[str, bytes], bytes | None] = {
            (self._topics.rows(projection), key.encode()): None if row is None else encode_row(row)
            for projection, key, row in self._state.take_changed()
        }
        if self._published is not None:
            rows = dict.fromkeys(self._published) | rows  # published, but there no more: gone
            rows = {at: value for at, value in rows.items() if value != self._published.get(at)}
            self._published = None
        outbox: Outbox = {}
        for (topic, key), value in rows.items():
            partition = partition_of(key, self._counts[topic])
            outbox.setdefault((topic, partition), []).append((key, value, NO_HEADERS))
        return outbox

    def _read_restored(self) -> None:
        restored, self._restored = self._restored, {}
        for offset, value in restored.values():
            self._apply(offset, value)

    def _apply(self, offset: int, value: bytes) -> None:
        try:
            self._state.apply(decode_contribution(value))
        except Exception as error:
            raise FoldFailed(self._topics.contributions, self._partition, offset, "contribution", error) from error
