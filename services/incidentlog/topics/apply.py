"""Creating the topics that are missing."""

from __future__ import annotations

from dataclasses import replace

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker
from incidentlog.schemas.topics import Topics


async def apply(broker: str | Broker, topics: Topics | None = None) -> list[str]:
    """Create every missing topic in one request; the names of those created, which can be used at once.

    What exists stays as it is, whatever its settings: `check` says how it differs. Where there are event topics, what is
    missing has as many partitions as they have, since these must agree; unless told otherwise it is replicated as what
    exists: a new version is as safe as the one before.
    """
    topics = topics or Topics()
    async with broker_at(broker).admin() as admin:
        existing = await admin.describe([topic.name for topic in topics.all()])
        if not topics.replication:
            topics = replace(topics, replication=max((state.replication for state in existing.values()), default=0))
        streams = (*topics.counted, *topics.official)
        counts = [existing[name].partitions for name in streams if name in existing]
        if 2 * len(counts) > len(streams) and len(set(counts)) == 1:
            topics = replace(topics, partitions=counts[0])
        missing = [topic for topic in topics.all() if topic.name not in existing]
        created = await admin.create(missing) if missing else []
    return sorted(created)
