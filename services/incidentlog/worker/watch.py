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
#: Seconds that a look may take before it is asked whether this worker is let in at all.
_PATIENCE = 3.0
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
    missing, looking = 0, None
    try:
        while True:
            await asyncio.sleep(_EVERY)
            # Never cancelled before the end: the engine's thread that answers would trip over it.
            looking = looking or asyncio.create_task(_changed(consumer, ids, partitions))
            await asyncio.wait([looking], timeout=_PATIENCE)
            error = await _seen(looking, entering)
            looking = None if looking.done() else looking
            missing = missing + 1 if error else 0
            if error is not None and (missing >= _LOOKS or not isinstance(error, TopicGone) or error.anew):
                raise error
    finally:
        if looking is not None:
            looking.cancel()


async def _seen(
    looking: asyncio.Task[WorkerError | None], entering: Callable[[], Awaitable[WorkerError | None]]
) -> WorkerError | None:
    """What a look came to; what `entering` tells if it came to nothing, or to no end yet."""
    if not looking.done():
        return await entering()
    try:
        return looking.result()
    except (KafkaError, OSError):
        return await entering()


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
