"""Watching that the topics a worker lives on stay what they are.

Its clients would wait for one that is deleted, without end or a word, and would not hear of partitions that are added for
minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka.errors import KafkaError

from incidentlog.worker.errors import PartitionsAdded, TopicGone, WorkerError

_EVERY = 2.0
#: Looks in which a topic must be missing: a broker that has just started may not know all of them.
_LOOKS = 2


async def watch(
    consumer: Any,
    ids: Mapping[str, str],
    partitions: Mapping[str, int],
    entering: Callable[[], Awaitable[WorkerError | None]],
) -> None:
    """Return never; raise what `changed` finds, and what `entering` tells while nobody answers: a broker that is away is no
    matter, but one that lets this worker in no more is."""
    missing = 0
    while True:
        await asyncio.sleep(_EVERY)
        try:
            error = await _changed(consumer, ids, partitions)
        except (KafkaError, OSError):
            error = await entering()
        missing = missing + 1 if error else 0
        if error is not None and (missing >= _LOOKS or not isinstance(error, TopicGone) or error.anew):
            raise error


async def changed(consumer: Any, ids: Mapping[str, str], partitions: Mapping[str, int]) -> WorkerError | None:
    """The first topic that is not there, not to be seen any more, not the one it was, or partitioned otherwise (identities
    and counts by name)."""
    try:
        return await _changed(consumer, ids, partitions)
    except (KafkaError, OSError):
        return None


async def _changed(consumer: Any, ids: Mapping[str, str], partitions: Mapping[str, int]) -> WorkerError | None:
    found = await consumer.topics()
    for topic, known in ids.items():
        if topic not in found:
            return await consumer.denied([topic]) or TopicGone(topic, anew=False)
        if found[topic].id != known:
            return TopicGone(topic, anew=True)
        count = found[topic].partitions
        if count > partitions.get(topic, count):
            return PartitionsAdded(topic, partitions[topic], count)
    return None
