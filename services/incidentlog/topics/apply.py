"""Creating the topics that are missing."""

from __future__ import annotations

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker
from incidentlog.schemas.topics import Topics


async def apply(broker: str | Broker, topics: Topics | None = None) -> list[str]:
    """Create every missing topic in one request; the names of those created, which can be used at once.

    What exists stays as it is, whatever its settings: `check` says how it differs.
    """
    wanted = (topics or Topics()).all()
    async with broker_at(broker).admin() as admin:
        existing = await admin.describe([topic.name for topic in wanted])
        missing = [topic for topic in wanted if topic.name not in existing]
        created = await admin.create(missing) if missing else []
    return sorted(created)
