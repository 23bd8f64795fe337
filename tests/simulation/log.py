"""The log: partitions with offsets, transactions that are open, committed or aborted in each of them, and compaction."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from incidentlog.worker.outbox import Outgoing

Place = tuple[str, int]


class Record(NamedTuple):
    """As the product's own reading of batches gives it; topic and partition are for the simulation alone."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    topic: str
    partition: int
    timestamp: int = 0
    timestamp_type: int = 0


class Span:
    """What one transaction has written to one partition: invisible until its marker is there."""

    __slots__ = ("committed", "first", "open")

    def __init__(self, first: int) -> None:
        self.first, self.open, self.committed = first, True, False


class Partition:
    """Records and markers in offset order; a marker is an entry without record."""

    def __init__(self, topic: str, number: int) -> None:
        self.topic, self.number = topic, number
        self.end = 0
        self._offsets: list[int] = []
        self._entries: list[tuple[Any, Span | None]] = []
        self._open: list[Span] = []
        self.changed: list[Callable[[], None]] = []

    @property
    def stable(self) -> int:
        """The last stable offset: readers of committed records get no further."""
        return min([span.first for span in self._open]) if self._open else self.end

    @property
    def last(self) -> int:
        """The offset of the last record that can be read; -1 if there is none."""
        stable = self.stable
        for offset, (record, span) in zip(reversed(self._offsets), reversed(self._entries), strict=True):
            if offset < stable and record is not None and (span is None or span.committed):
                return offset
        return -1

    def open(self) -> Span:
        """A transaction begins to write here."""
        span = Span(self.end)
        self._open.append(span)
        return span

    def append(self, records: Iterable[Outgoing], span: Span | None = None) -> None:
        for key, value, headers in records:
            self._put(Record(self.end, key, value, tuple(headers), self.topic, self.number), span)
        if span is None:
            self._tell()

    def mark(self, span: Span, *, committed: bool) -> None:
        """The transaction's end arrives here."""
        span.open, span.committed = False, committed
        self._open.remove(span)
        self._put(None, span)
        self._tell()

    def _tell(self) -> None:
        told, self.changed = self.changed, []
        for each in told:
            each()

    def _put(self, record: Any, span: Span | None) -> None:
        self._offsets.append(self.end)
        self._entries.append((record, span))
        self.end += 1

    def read(self, start: int, most: int) -> tuple[list[Any], int]:
        """At most so many committed records from `start` on, and where to go on reading."""
        found: list[Any] = []
        stable = self.stable
        for place in range(bisect_left(self._offsets, start), len(self._offsets)):
            offset = self._offsets[place]
            if offset >= stable:
                break
            if len(found) == most:
                return found, offset
            record, span = self._entries[place]
            if record is not None and (span is None or span.committed):
                found.append(record)
        return found, max(start, stable)

    def compact(self, rng: random.Random) -> None:
        """Of what is stable, up to a point drawn: only the newest record of a key stays; what was aborted goes, and most markers.

        Tombstones stay: Kafka keeps them for a day.
        """
        edge = rng.randint(0, self.stable)
        newest = {
            record.key: offset
            for offset, (record, span) in zip(self._offsets, self._entries, strict=True)
            if offset < edge and record is not None and (span is None or span.committed)
        }
        kept = [
            (offset, entry)
            for offset, entry in zip(self._offsets, self._entries, strict=True)
            if offset >= edge or (rng.random() < 0.3 if entry[0] is None else newest.get(entry[0].key) == offset)
        ]
        self._offsets, self._entries = [offset for offset, _ in kept], [entry for _, entry in kept]


class Log(dict[Any, Partition]):
    """All partitions, made when first asked for."""

    def __missing__(self, place: Any) -> Partition:
        self[place[0], place[1]] = made = Partition(*place)
        return made

    def latest(self, topic: str, partitions: int) -> dict[bytes, bytes]:
        """What a compacted topic holds in the end, tombstones left out."""
        table: dict[bytes, Any] = {}
        for number in range(partitions):
            part = self[topic, number]
            table |= {record.key: record.value for record in part.read(0, part.end + 1)[0]}
        return {key: value for key, value in table.items() if value is not None}
