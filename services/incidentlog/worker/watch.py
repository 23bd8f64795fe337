"""Watching that the topics a worker lives on stay: its clients would wait for one that is deleted, without end or a word."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.errors import KafkaError

from incidentlog.worker.errors import TopicGone

_EVERY = 2.0
#: Looks in which a topic must be missing: a broker that has just started may not know all of them.
_LOOKS = 2


async def watch(consumer: Any, ids: Mapping[str, str]) -> None:
    """Return never; raise TopicGone when a topic of `ids` (identities by name) has gone. A broker that is away is no matter."""
    missing = 0
    while True:
        await asyncio.sleep(_EVERY)
        error = await gone(consumer, ids)
        missing = missing + 1 if error else 0
        if error is not None and (error.anew or missing >= _LOOKS):
            raise error


async def gone(consumer: Any, ids: Mapping[str, str]) -> TopicGone | None:
    """The first topic that is not there, or not the one it was."""
    try:
        found = await consumer.topics()
    except (KafkaError, OSError):
        return None
    for topic, known in ids.items():
        if topic not in found:
            return TopicGone(topic, anew=False)
        if found[topic].id != known:
            return TopicGone(topic, anew=True)
    return None
