"""This program's side of the job: a fold like any other of its worker, on the same engine, tasks and fenced writers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from aiokafka import TopicPartition

from incidentlog.worker.claims import Counts
from incidentlog.worker.job import Job, Part, StageJob
from incidentlog.worker.outbox import NO_HEADERS, Outbox
from incidentlog.worker.settings import WorkerSettings

#: Sum, and the offset of the last event in it.
Row = tuple[int, int]


async def sums(settings: WorkerSettings) -> Job:
    """Add up the rescue reports of this prefix, by key."""
    counts = Counts()
    return Job((StageJob("sums", (source(settings),), lambda p: _part(settings, counts, p)),), counts)


def source(settings: WorkerSettings) -> str:
    """The topic that is read."""
    return settings.topics.events("RescueReported")


def sink(settings: WorkerSettings) -> str:
    """The compacted topic that the rows go to."""
    return settings.topics.rows("sums")


def _part(settings: WorkerSettings, counts: Counts, partition: int) -> Part:
    fold = SumsFold(sink(settings), partition, counts)
    return Part(fold, {TopicPartition(sink(settings), partition): fold.restore})


class SumsFold:
    """The sums of one partition number.

    Adding is not idempotent as putting into a set is: a row therefore says up to which offset it has counted.
    """

    def __init__(self, topic: str, partition: int, counts: Counts) -> None:
        self._place, self._counts = (topic, partition), counts
        self._rows: dict[bytes, Row] = {}
        self._changed: set[bytes] = set()
        self._restored = -1

    def restore(self, record: Any) -> None:
        """Take a stored row back."""
        row = orjson.loads(record.value)
        self._rows[record.key] = row["sum"], row["offset"]
        self._restored = max(self._restored, row["offset"])

    def fold(self, _topic: str, chunk: Sequence[Any]) -> None:
        """Add the numbers of events that are not in their row yet."""
        rows, loads, none = self._rows, orjson.loads, (0, -1)
        if chunk[0].offset <= self._restored:
            chunk = [record for record in chunk if record.offset > rows.get(record.key, none)[1]]
        for record in chunk:
            key, quantity = record.key, loads(record.value)["data"]["quantity"]
            number = quantity["best"]
            rows[key] = rows.get(key, none)[0] + (quantity["low"] if number is None else number), record.offset
        self._changed.update([record.key for record in chunk])
        self._counts.events += len(chunk)

    def take(self) -> Outbox:
        """The rows that changed."""
        if not self._changed:
            return {}
        changed, self._changed, rows = self._changed, set(), self._rows
        return {self._place: [(key, b'{"sum":%d,"offset":%d}' % rows[key], NO_HEADERS) for key in changed]}
