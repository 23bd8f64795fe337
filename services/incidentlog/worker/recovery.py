"""Reading state back: compacted topics, from their beginning to the end there was once the writers were fenced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from incidentlog.client.security import connection
from incidentlog.worker.errors import RecoveryTimedOut
from incidentlog.worker.settings import WorkerSettings

#: Takes one record back into a state.
Restore = Callable[[Any], None]
#: Records between two moments in which others may run.
_SLICE = 2_000


async def read_back(settings: WorkerSettings, restores: Mapping[TopicPartition, Restore]) -> None:
    """Give every committed record of each partition to its function; RecoveryTimedOut if that takes too long."""
    consumer: Any = AIOKafkaConsumer(
        **connection(),
        bootstrap_servers=settings.bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=4 << 20,
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        consumer.assign(list(restores))  # tells it all topics at once: else it asks for one after another, 0.1 s each
        first, ends = await asyncio.gather(consumer.beginning_offsets(restores), consumer.end_offsets(restores))
        needed = {tp: end for tp, end in ends.items() if first[tp] < end}
        if needed:
            await _read(consumer, needed, restores, settings.recovery_timeout)
    finally:
        await consumer.stop()


async def _read(
    consumer: Any, ends: Mapping[TopicPartition, int], restores: Mapping[TopicPartition, Restore], seconds: float
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    missing = dict(ends)
    # The position decides, not the last record seen: the tail may be a transaction marker, or compacted away.
    while missing := {tp: end for tp, end in missing.items() if await consumer.position(tp) < end}:
        if loop.time() > deadline:
            tp, end = min(missing.items())
            raise RecoveryTimedOut(tp.topic, tp.partition, await consumer.position(tp), end, seconds)
        for tp, records in (await consumer.getmany(*missing, timeout_ms=100)).items():
            restore = restores[tp]
            for start in range(0, len(records), _SLICE):
                for record in records[start : start + _SLICE]:
                    if record.offset < ends[tp]:
                        restore(record)
                await asyncio.sleep(0)
