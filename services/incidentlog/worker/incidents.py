"""The job that incidentlog is for: claims into statements and estimates, and their contributions into roll-ups."""

from __future__ import annotations

from typing import Any

from aiokafka import TopicPartition

from incidentlog.projections.lane import Lane
from incidentlog.projections.precedence import with_more
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import OFFICIAL_ACTIONS
from incidentlog.worker.claims import ClaimsFold, Counts
from incidentlog.worker.errors import StatementMisplaced
from incidentlog.worker.job import Job, Part, StageJob
from incidentlog.worker.marks import mark
from incidentlog.worker.preflight import Layout, check
from incidentlog.worker.recovery import Restore
from incidentlog.worker.rollups import RollupsFold, rollups_on
from incidentlog.worker.settings import WorkerSettings

#: Projections whose rows leave with the statements.
FOLDED = ("estimates", OFFICIAL_ACTIONS)

_LOOKED_AT = 1_000


async def incidents(settings: WorkerSettings) -> Job:
    """The job on the topics that these settings name, once they are there."""
    topics, layout, counts = settings.topics, await check(settings), Counts()
    sources, ids = (*topics.counted, *topics.official), layout.ids
    base = [ids[topic] for topic in (topics.statements, topics.contributions, *map(topics.rows, FOLDED))]
    read, rekeyed = (
        {topic: mark(ids[topic], base) for topic in sources},
        {topics.contributions: mark(ids[topics.contributions])},
    )
    return Job(
        (
            StageJob("estimates", sources, lambda p: _claims(settings, layout, counts, p), marks=read),
            StageJob("rollups", (topics.contributions,), lambda p: _rollups(settings, layout, p), "rollups", rekeyed),
        ),
        counts,
        ids,
        {topic: count for topic, count in layout.counts.items() if topic != topics.dead_letters},
    )


def _claims(settings: WorkerSettings, layout: Layout, counts: Counts, partition: int) -> Part:
    ranked = with_more(filter(None, settings.host_first.split(",")))
    lane = Lane(ranked, until=settings.kept.until, known=settings.kept.known_at)
    fold = ClaimsFold(settings.topics, partition, layout.partitions, counts, lane)
    restore = _in_place(fold.restore, partition, layout.partitions)
    return Part(fold, {TopicPartition(settings.topics.statements, partition): restore})


def _in_place(restore: Restore, partition: int, partitions: int) -> Restore:
    """Look at the first statements that come back: had partitions been added, half of them would lie where nobody looks."""
    left = _LOOKED_AT

    def looking(record: Any) -> None:
        nonlocal left
        if left and record.value is not None:
            left -= 1
            cell = record.key.partition(b"#")[0]
            right = partition_of(cell, partitions)
            if right != partition:
                raise StatementMisplaced(record.topic, record.partition, cell.decode(), right)
        restore(record)

    return looking


def _rollups(settings: WorkerSettings, layout: Layout, partition: int) -> Part:
    topics = settings.topics
    fold = RollupsFold(topics, layout.counts, partition)
    restores: dict[TopicPartition, Restore] = {TopicPartition(topics.contributions, partition): fold.restore}
    for topic in map(topics.rows, rollups_on(partition, layout.partitions)):
        restores |= {TopicPartition(topic, each): fold.published for each in range(layout.counts[topic])}
    return Part(fold, restores)
