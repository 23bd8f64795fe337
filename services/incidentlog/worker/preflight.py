"""Before the start: the broker answers, the topics are there, and they are partitioned alike."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from incidentlog.schemas.topics import OFFICIAL_ACTIONS, ROLLUPS
from incidentlog.worker.errors import BrokerUnreachable, PartitionsDiffer, TopicsMissing, WorkerError
from incidentlog.worker.quiet import silenced
from incidentlog.worker.settings import WorkerSettings

_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Layout:
    """How many partitions there are: `partitions` of events, statements and estimates, `counts` of each topic."""

    partitions: int
    counts: dict[str, int]


async def check(settings: WorkerSettings) -> Layout:
    """The layout of the cluster's topics; raises a WorkerError for what is not as it must be.

    Tries again for as long as the settings' patience lasts.
    """
    deadline = asyncio.get_running_loop().time() + settings.patience
    while True:
        try:
            return _layout(settings, await _partition_counts(settings.bootstrap))
        except WorkerError:
            if asyncio.get_running_loop().time() >= deadline:
                raise
        await asyncio.sleep(_PAUSE)


async def _partition_counts(bootstrap: str) -> dict[str, int]:
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        with silenced("aiokafka"):
            await admin.start()
        return {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics()}
    except (KafkaError, OSError) as error:
        raise BrokerUnreachable(bootstrap, f"{type(error).__name__}: {error}") from error
    finally:
        await admin.close()


def _layout(settings: WorkerSettings, counts: dict[str, int]) -> Layout:
    topics = settings.topics
    alike = [*topics.counted, *topics.official, topics.statements, topics.contributions]
    alike += [topics.rows("estimates"), topics.rows(OFFICIAL_ACTIONS)]
    needed = [*alike, topics.dead_letters, *map(topics.rows, ROLLUPS)]
    missing = [topic for topic in needed if not counts.get(topic)]
    if missing:
        raise TopicsMissing(missing)
    if len({counts[topic] for topic in alike}) > 1:
        raise PartitionsDiffer({topic: counts[topic] for topic in alike})
    return Layout(counts[topics.statements], {topic: counts[topic] for topic in needed})
