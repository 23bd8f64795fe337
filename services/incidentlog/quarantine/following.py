"""Following the dead letters, and what became of them, for as long as somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from incidentlog.client.connect import broker_at
from incidentlog.client.errors import TopicMissing
from incidentlog.client.ports import Broker, Record
from incidentlog.client.versioned import Versioned
from incidentlog.quarantine.standing import Standing
from incidentlog.schemas.topics import Topics


async def follow(broker: str | Broker, topics: Topics, standing: Standing, changed: Callable[[], None]) -> None:
    """Keep `standing` up to date, and tell of each change; until cancelled, or at once if the installation has no letters."""
    where = broker_at(broker)
    async with asyncio.TaskGroup() as group:
        group.create_task(_follow(where, topics, lambda each: each.dead_letters, standing.take, standing, changed))
        group.create_task(_follow(where, topics, lambda each: each.redriven, standing.take_mark, standing, changed))


async def _follow(
    broker: Broker, topics: Topics, topic_of: Callable[[Topics], str], take: Callable[[Record], None], standing: Standing,
    changed: Callable[[], None],
) -> None:  # fmt: skip
    source = Versioned(broker, topics, topic_of, topics.version)
    try:
        await source.open()
    except TopicMissing:
        return
    try:
        while (portion := await source.portion()) is not None:
            before = standing.revision
            for record in portion.records:
                take(record)
            if standing.revision != before:
                changed()
    finally:
        await source.close()
