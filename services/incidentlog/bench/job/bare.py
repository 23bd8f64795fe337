"""`python -m incidentlog.bench.job.bare`: a loop that fetches and parses every event, and does nothing with it.

Whatever reads events in Python on this client pays at least this. Prints its cost as JSON; the clock starts with the first
records, as a worker's does when it is live.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition


async def main(bootstrap: str, names: list[str], partitions: int, events: int, fetch_bytes: int) -> None:
    """Read so many events of these topics once."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=fetch_bytes,
        fetch_max_wait_ms=50,
    )
    async with consumer:
        consumer.assign([TopicPartition(name, partition) for name in names for partition in range(partitions)])
        wall, cpu, seen = time.perf_counter(), time.process_time(), 0
        while seen < events:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    orjson.loads(record.value)
                seen += len(records)
        cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    sys.stdout.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
