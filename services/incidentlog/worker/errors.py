"""What stops a worker, each with what it knows and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incidentlog.schemas.errors import IncidentlogError


class WorkerError(IncidentlogError):
    """Root of what stops a worker. Nothing is lost: what was not committed is read again after the next start."""


class ExtraMissing(WorkerError):
    """The stream engine is not installed."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(f"{module} is not installed: a worker needs `pip install 'incidentlog[worker]'`")


class BrokerUnreachable(WorkerError):
    """No broker answers at the bootstrap address."""

    def __init__(self, bootstrap: str, cause: str) -> None:
        self.bootstrap = bootstrap
        super().__init__(f"no Kafka broker answers at {bootstrap} ({cause}); start one, or name another by --bootstrap")


class TopicsMissing(WorkerError):
    """Topics that the worker reads or writes do not exist."""

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        shown = ", ".join(self.missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        super().__init__(f"topics are missing: {shown}; create them by `incidentlog topics apply`")


class PartitionsDiffer(WorkerError):
    """Topics that must be partitioned alike are not."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)
        shown = ", ".join(f"{topic} has {count}" for topic, count in sorted(self.counts.items())[:4])
        super().__init__(
            f"these topics must have equally many partitions: {shown}; `incidentlog topics check` shows all, and "
            "`incidentlog topics apply` creates them alike under a fresh prefix"
        )


class PartitionsScattered(WorkerError):
    """One partition number belongs to several workers: they do not all subscribe to the same topics."""

    def __init__(self, partitions: Mapping[str, Sequence[int]]) -> None:
        self.partitions = {topic: tuple(numbers) for topic, numbers in partitions.items()}
        shown = "; ".join(f"{topic}: {list(numbers)}" for topic, numbers in sorted(self.partitions.items())[:3])
        super().__init__(
            f"equal partition numbers belong to different workers ({shown}): they run different releases; stop them all, "
            "then start them in the same one"
        )


class OffsetOutOfRange(WorkerError):
    """A committed offset lies outside its topic: the topic was truncated or made anew."""

    def __init__(self, topic: str, partition: int, committed: int, first: int, end: int) -> None:
        self.topic, self.partition, self.committed, self.first, self.end = topic, partition, committed, first, end
        super().__init__(
            f"{topic} partition {partition}: reading would go on at offset {committed}, but the topic holds {first} to "
            f"{end}: it was truncated or made anew. Bring the events back, or build a new version by `incidentlog replay`"
        )


class RecoveryTimedOut(WorkerError):
    """The sets could not be read back in time."""

    def __init__(self, topic: str, partition: int, have: int, need: int, seconds: float) -> None:
        self.topic, self.partition, self.have, self.need = topic, partition, have, need
        super().__init__(
            f"{topic} partition {partition}: read back to offset {have} of {need} in {seconds:g} s; see whether the broker "
            "is slow, or allow more by --recovery-timeout"
        )


class FoldFailed(WorkerError):
    """Our own fault: a fold raised on an event that the contract allows. The partition stands still until it is mended."""

    def __init__(self, topic: str, partition: int, offset: int, event_type: str | None, cause: BaseException) -> None:
        self.topic, self.partition, self.offset, self.event_type = topic, partition, offset, event_type
        super().__init__(
            f"{topic} partition {partition} offset {offset}: the fold failed on this {event_type or 'record'} "
            f"({type(cause).__name__}: {cause}); nothing after it was stored or committed. Please report it"
        )


class WriterFenced(WorkerError):
    """Another worker has taken over a partition that this one still held."""

    def __init__(self, writer: str) -> None:
        self.writer = writer
        super().__init__(
            f"{writer}: another worker owns this partition now; this one was away too long and must restart"
        )


class StoreFailed(WorkerError):
    """Rows could not be stored."""

    def __init__(self, writer: str, cause: BaseException) -> None:
        self.writer = writer
        super().__init__(f"{writer}: storing failed ({type(cause).__name__}: {cause}); restart when the broker is well")


class EngineFailed(WorkerError):
    """The stream engine itself gave up."""

    def __init__(self, cause: BaseException | None) -> None:
        super().__init__(f"the stream engine stopped ({type(cause).__name__}: {cause}); restart the worker")


class WorkerStopped(WorkerError):
    """A worker process ended although nobody asked it to."""

    def __init__(self, status: int | None, message: str) -> None:
        self.status = status
        super().__init__(message or f"the worker ended with status {status} and said nothing")
