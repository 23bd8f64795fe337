"""`python -m incidentlog.bench.sums.bare`: the same decoding and adding in a bare loop. It stores and commits nothing.

No engine in Python can be faster on this client; how near one comes is what it costs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition


async def main() -> None:
    """Read the topic of the environment once."""
    environment = os.environ
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=environment["BENCH_BOOTSTRAP"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=int(environment["BENCH_FETCH_BYTES"]),
    )
    async with consumer:
        parts = range(int(environment["BENCH_PARTITIONS"]))
        consumer.assign([TopicPartition(environment["BENCH_SOURCE"], partition) for partition in parts])
        sums: dict[bytes, int] = {}
        done, events = 0, int(environment["BENCH_EVENTS"])
        while done < events:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    key, quantity = record.key, orjson.loads(record.value)["data"]["quantity"]
                    number = quantity["best"]
                    sums[key] = sums.get(key, 0) + (quantity["low"] if number is None else number)
                done += len(records)
            print(done, flush=True)  # noqa: T201 - how others see how far it is
    sys.stdout.write(json.dumps({key.decode(): number for key, number in sums.items()}) + "\n")
    sys.stdout.flush()
    signal.pause()  # whoever measures this has one more look


if __name__ == "__main__":
    asyncio.run(main())
