"""What a worker is there for: the stages of a job, and for each partition number of one its fold and what is read back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from incidentlog.worker.claims import Counts
from incidentlog.worker.recovery import Restore
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.task import Fold


@dataclass(frozen=True, slots=True)
class Part:
    """One partition number of a stage: its fold, and what of Kafka is read back into it."""

    fold: Fold
    restores: Mapping[TopicPartition, Restore]


@dataclass(frozen=True, slots=True)
class StageJob:
    """A stage: topics partitioned alike, and how the fold of one partition number begins.

    `writer` tells its transactional ids from those of other stages (`WorkerSettings.writer`), `marks` are what commits on
    its topics carry (`worker.marks`).
    """

    name: str
    topics: Collection[str]
    begin: Callable[[int], Part]
    writer: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """The stages of one app, the first one fed from outside; `counts` is kept by their folds. `ids` are the identities of
    all topics it lives on, and `partitions` how many some of them have: it must end when that changes."""

    stages: Sequence[StageJob]
    counts: Counts
    ids: Mapping[str, str] = field(default_factory=dict)
    partitions: Mapping[str, int] = field(default_factory=dict)


#: Looks at the cluster and says what there is to do; raises a WorkerError for what is not as it must be.
Plan = Callable[[WorkerSettings], Awaitable[Job]]
