"""What stops a worker, each with what it knows and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiokafka.errors import MessageSizeTooLargeError

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


class NotLetIn(WorkerError):
    """The cluster does not take this worker for who it says it is; `cause` is the client's error."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause
        super().__init__(f"{cause}. Nothing is lost")


class AccessMissing(WorkerError):
    """`principal` may not do with topics, a group or a transactional id (`names`) what a worker does (`operation`)."""

    def __init__(self, principal: str, operation: str, names: Sequence[str]) -> None:
        self.principal, self.operation, self.names = principal, operation, tuple(names)
        shown = ", ".join(self.names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        super().__init__(
            f"{principal} may not {operation} {shown}: let whoever may change that run `incidentlog topics access --role "
            f"worker --principal {principal} --apply`, then start the worker again. Nothing is lost"
        )


class TopicsMissing(WorkerError):
    """Topics that the worker reads or writes do not exist."""

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        shown = ", ".join(self.missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        super().__init__(f"topics are missing: {shown}; create them by `incidentlog topics apply`")


#: Partitions cannot be taken away again, and a cell's events must lie on one.
_MOVE = (
    "stop the workers, create topics under a fresh prefix (`incidentlog topics apply --prefix NEW`), publish the events there "
    "again (they keep their ids and times), and start the workers with --prefix NEW"
)


class PartitionsDiffer(WorkerError):
    """Topics that must be partitioned alike are not."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)
        alike = {count: sorted(topic for topic in counts if counts[topic] == count) for count in counts.values()}
        groups = sorted(alike.items(), key=lambda group: len(group[1]))
        shown = ", ".join(f"{topics[0]}{_more(topics)} {count}" for count, topics in groups)
        super().__init__(
            f"these topics must have equally many partitions, but there are: {shown}; `incidentlog topics check` shows all. "
            f"To mend it, {_MOVE}"
        )


class PartitionsAdded(WorkerError):
    """A topic has another number of partitions than when the worker started."""

    def __init__(self, topic: str, before: int, now: int) -> None:
        self.topic, self.before, self.now = topic, before, now
        super().__init__(
            f"{topic} had {before} partitions and now has {now}: events of one cell lie on two of them, and would be counted "
            f"apart. Nothing is lost: {_MOVE}"
        )


class StatementMisplaced(WorkerError):
    """A stored statement lies on a partition that its cell does not belong on."""

    def __init__(self, topic: str, partition: int, cell: str, right: int) -> None:
        self.topic, self.partition, self.cell, self.right = topic, partition, cell, right
        super().__init__(
            f"{topic} partition {partition} holds {cell}, which belongs on {right}: partitions were added since it was "
            f"written. Nothing is lost: {_MOVE}"
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
    """A committed offset lies outside its topic: events were deleted."""

    def __init__(self, topic: str, partition: int, committed: int, first: int, end: int) -> None:
        self.topic, self.partition, self.committed, self.first, self.end = topic, partition, committed, first, end
        super().__init__(
            f"{topic} partition {partition}: reading would go on at offset {committed}, but the topic holds {first} to {end}: "
            "events were deleted, maybe before they were folded. Bring them back; or do without them: stop all workers, and let "
            f"kafka-consumer-groups.sh reset the group's offsets of {topic} to the earliest"
        )


class EventsDeleted(WorkerError):
    """What was folded into topics that were made anew cannot be folded again."""

    def __init__(self, topic: str, partition: int, first: int) -> None:
        self.topic, self.partition, self.first = topic, partition, first
        super().__init__(
            f"{topic} partition {partition}: topics that its events were folded into were made anew, and the events before "
            f"offset {first} are deleted: they cannot be folded again. Restore a copy of all topics; or do without those events: "
            "stop all workers, and let kafka-consumer-groups.sh delete the group"
        )


class TopicGone(WorkerError):
    """A topic that this worker reads or writes was deleted while it ran."""

    def __init__(self, topic: str, *, anew: bool) -> None:
        self.topic, self.anew = topic, anew
        step = (
            "restart the worker: it folds all events that are there"
            if anew
            else "create it by `incidentlog topics apply`, then restart the worker: it folds all events that are there"
        )
        super().__init__(f"{topic} was deleted{' and made anew' if anew else ''} under the worker; {step}")


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
    """The broker takes no more from this writer: another worker has its partition, or its transaction took too long."""

    def __init__(self, writer: str) -> None:
        self.writer = writer
        super().__init__(
            f"{writer}: another worker owns this partition now, or a transaction took longer than --transaction-timeout; this "
            "one was away too long and must restart"
        )


class StoreFailed(WorkerError):
    """Rows could not be stored."""

    def __init__(self, writer: str, cause: BaseException) -> None:
        self.writer = writer
        why = cause.__cause__ or cause  # aiokafka wraps what ended its sender
        step = (
            "let `incidentlog topics check` show which topic takes too little, and mend it; then restart"
            if isinstance(why, MessageSizeTooLargeError)
            else "restart when the broker is well"
        )
        super().__init__(f"{writer}: storing failed ({type(why).__name__}: {why}); {step}")


class EngineFailed(WorkerError):
    """The stream engine itself gave up."""

    def __init__(self, cause: BaseException | None) -> None:
        super().__init__(f"the stream engine stopped ({type(cause).__name__}: {cause}); restart the worker")


class WorkerStopped(WorkerError):
    """A worker process ended although nobody asked it to."""

    def __init__(self, status: int | None, message: str) -> None:
        self.status, self.message = status, message
        how = "unknown" if status is None else f"signal {-status}" if status < 0 else f"exit status {status}"
        said = f":\n  {message}" if message else " and said nothing"
        super().__init__(
            f"the worker ended by itself ({how}){said}\nNothing is lost: mend what it names, if anything, and start it again"
        )


def _more(topics: Sequence[str]) -> str:
    return f" and {len(topics) - 1} more have" if len(topics) > 1 else " has"
