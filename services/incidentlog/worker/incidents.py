"""The job that incidentlog is for: claims into statements and estimates, and their contributions into roll-ups."""

from __future__ import annotations

from aiokafka import TopicPartition

from incidentlog.projections.precedence import with_more
from incidentlog.worker.claims import ClaimsFold, Counts
from incidentlog.worker.job import Job, Part, StageJob
from incidentlog.worker.preflight import Layout, check
from incidentlog.worker.recovery import Restore
from incidentlog.worker.rollups import RollupsFold, rollups_on
from incidentlog.worker.settings import WorkerSettings


async def incidents(settings: WorkerSettings) -> Job:
    """The job on the topics that these settings name, once they are there."""
    topics, layout, counts = settings.topics, await check(settings), Counts()
    return Job(
        (
            StageJob("estimates", (*topics.counted, *topics.official), lambda p: _claims(settings, layout, counts, p)),
            StageJob("rollups", (topics.contributions,), lambda p: _rollups(settings, layout, p), "rollups"),
        ),
        counts,
    )


def _claims(settings: WorkerSettings, layout: Layout, counts: Counts, partition: int) -> Part:
    ranked = with_more(filter(None, settings.host_first.split(",")))
    fold = ClaimsFold(settings.topics, partition, layout.partitions, counts, ranked)
    return Part(fold, {TopicPartition(settings.topics.statements, partition): fold.restore})


def _rollups(settings: WorkerSettings, layout: Layout, partition: int) -> Part:
    topics = settings.topics
    fold = RollupsFold(topics, layout.counts)
    restores: dict[TopicPartition, Restore] = {TopicPartition(topics.contributions, partition): fold.restore}
    for topic in map(topics.rows, rollups_on(partition, layout.partitions)):
        restores |= {TopicPartition(topic, each): fold.published for each in range(layout.counts[topic])}
    return Part(fold, restores)
