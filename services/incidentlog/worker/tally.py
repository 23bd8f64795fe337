"""What a worker has stored, and how that went: plain numbers, taken down once a transaction or once a chunk."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from incidentlog.observing.buckets import LONG, Buckets
from incidentlog.schemas.topics import Topics
from incidentlog.worker.outbox import Outbox

_log = logging.getLogger("incidentlog.worker")
#: Headers of a dead letter that may be told: the detail may quote what was sent.
_TOLD = ("reason", "topic", "partition", "offset", "event_type")


class Tally:
    """Kept by the writers, tasks and the worker of one app; read by whoever watches it. `topics` name what is counted."""

    def __init__(self, topics: Topics) -> None:
        self._dead_letters, self.topics = topics.dead_letters, topics
        self.records: Counter[str] = Counter()
        """Records written, by topic."""
        self.dead: Counter[str] = Counter()
        """Dead letters written, by reason."""
        self.transactions: dict[str, Buckets] = {}
        """Seconds that each transaction took, by stage."""
        self.failures: Counter[str] = Counter()
        """Transactions that failed, by stage; fenced ones are told apart."""
        self.fenced: Counter[str] = Counter()
        self.latency: dict[str, Buckets] = {}
        """Seconds from a record's being appended to its being stored, by stage."""
        self.epochs: dict[tuple[str, int], int] = {}
        """How often each writer was taken over by anybody, as the broker counts, by stage and partition number."""
        self.commits_refused = 0
        self.rebalances = 0
        self.recoveries, self.recovery_seconds = 0, 0.0
        self.assigned_at: float | None = None
        """When partitions were given out that are not recovered yet; None: none are."""
        self.recovered_at: float | None = None
        """When they were read back last."""
        self.busy: tuple[str, int] | None = None
        """The stage and partition number that is folded at this moment."""
        self.positions: dict[tuple[str, int], int] = {}
        """Of each owned partition the next offset to take: what lies before was stored."""
        self.newest: dict[tuple[str, int], float] = {}
        """When the newest record that was stored had been appended, in seconds since 1970."""

    def stored(self, stage: str, outbox: Outbox, seconds: float) -> None:
        """A transaction is over."""
        self.transactions.setdefault(stage, Buckets()).observe(seconds)
        for (topic, _), records in outbox.items():
            self.records[topic] += len(records)
            if topic == self._dead_letters:
                for _, _, headers in records:
                    self._refused(dict(headers))

    def applied(self, stage: str, chunks: Iterable[tuple[Any, int]]) -> None:
        """Chunks of a stage are stored with all that follows from them: their events, and how many records each had."""
        now, positions, newest = time.time(), self.positions, self.newest
        observe = self.latency.setdefault(stage, Buckets(LONG)).observe
        for event, count in chunks:
            message = event.message
            place, appended = (message.topic, message.partition), message.timestamp
            positions[place] = message.offset + 1
            newest[place] = appended
            observe(max(0.0, now - appended), count)

    def begin(self, positions: Mapping[tuple[str, int], int]) -> None:
        """These partitions are owned from now on, and read from these offsets."""
        self.positions = dict(positions)
        self.newest = {place: at for place, at in self.newest.items() if place in positions}

    def recovered(self, seconds: float) -> None:
        """What was given out is read back, and folding goes on, so many seconds later."""
        self.recoveries += 1
        self.recovery_seconds += seconds
        self.assigned_at, self.recovered_at = None, time.monotonic()

    def leave(self) -> None:
        """No partition is owned."""
        self.positions = {}
        self.epochs = {}

    def _refused(self, headers: Mapping[str, bytes]) -> None:
        told = {name: headers[name].decode(errors="replace") for name in _TOLD if name in headers}
        self.dead[told.get("reason", "")] += 1
        where: dict[str, Any] = {
            name: int(told[name]) for name in ("partition", "offset") if told.get(name, "").isdecimal()
        }
        _log.info("a record became a dead letter: %s", told.get("reason"), extra={**told, **where, **_trace(headers)})


class Account:
    """What a tally is told by the task of one partition number."""

    __slots__ = ("_partition", "_stage", "_tally", "busy")

    def __init__(self, tally: Tally, stage: str, partition: int) -> None:
        self._tally, self._stage, self._partition = tally, stage, partition
        self.busy = _Busy(tally, (stage, partition))
        """Entered while nothing else can run, since it folds."""

    def heard(self, message: Any, chunk: Sequence[Any]) -> None:
        """A chunk is about to be folded."""

    def leaving(self, outbox: Outbox) -> None:
        """What was folded is about to be stored."""

    def left(self) -> None:
        """It is stored."""

    def applied(self, chunks: Iterable[tuple[Any, int]]) -> None:
        """Chunks are stored with all that follows from them; each is an event of the engine's, and had so many records."""
        self._tally.applied(self._stage, chunks)


class _Busy:
    __slots__ = ("_tally", "_where")

    def __init__(self, tally: Tally, where: tuple[str, int]) -> None:
        self._tally, self._where = tally, where

    def __enter__(self) -> None:
        self._tally.busy = self._where

    def __exit__(self, *_: object) -> None:
        self._tally.busy = None


class _Nobody(Account):
    __slots__ = ()

    def applied(self, chunks: Iterable[tuple[Any, int]]) -> None:
        pass


#: For tasks that nobody watches.
NOBODY = _Nobody(Tally(Topics()), "", 0)


def _trace(headers: Mapping[str, bytes]) -> dict[str, str]:
    """The trace that a record belongs to, if it says so."""
    parts = headers.get("traceparent", b"").decode(errors="replace").split("-")
    return {"trace_id": parts[1]} if len(parts) == len(("version", "trace", "parent", "flags")) else {}
