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

    Adding is not idempotent as putting into a set is: a row therefore says up to which offset of its partition it counts.
    """

    def __init__(self, topic: str, partition: int, counts: Counts) -> None:
        self._place, self._counts = (topic, partition), counts
        self._sums: dict[bytes, int] = {}
        self._added: dict[bytes, int] = {}
        self._folded = -1
        self._counted: dict[bytes, int] = {}
        """Of restored rows, up to where they count."""
        self._restored = -1

    def restore(self, record: Any) -> None:
        """Take a stored row back."""
        row = orjson.loads(record.value)
        self._sums[record.key], self._counted[record.key] = row["sum"], row["offset"]
        self._restored = max(self._restored, row["offset"])

    def fold(self, _topic: str, chunk: Sequence[Any]) -> None:
        """Add the numbers of events that are not in their row yet."""
        self._folded = chunk[-1].offset
        self._counts.events += len(chunk)
        if chunk[0].offset <= self._restored:
            counted = self._counted
            chunk = [record for record in chunk if record.offset > counted.get(record.key, -1)]
        added, loads = self._added, orjson.loads
        for record in chunk:
            key, quantity = record.key, loads(record.value)["data"]["quantity"]
            number = quantity["best"]
            added[key] = added.get(key, 0) + (quantity["low"] if number is None else number)

    def take(self) -> Outbox:
        """The rows that changed."""
        added, self._added, sums = self._added, {}, self._sums
        if not added:
            return {}
        for key, number in added.items():
            sums[key] = sums.get(key, 0) + number
        offset = self._folded
        return {self._place: [(key, b'{"sum":%d,"offset":%d}' % (sums[key], offset), NO_HEADERS) for key in added]}
