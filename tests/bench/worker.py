"""How fast the worker does its whole job, beside a loop that only fetches and parses the same events.

    uv run python tests/bench/worker.py                                                  20,000 events: does it run
    uv run python tests/bench/worker.py --events 1000000 --nationalities 240 --hosts 23     33,000 cells: the real thing

The job: a million claims read back from Kafka, checked, folded; statements, estimates, contributions and roll-up rows
stored in fenced transactions, offsets committed. The loop beside it: aiokafka's `getmany` and `orjson.loads`, no output.
Wall time counts from when each is ready to read until its last event is done; CPU is that of its process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

sys.path.insert(0, str(Path(__file__).parents[1]))

from incidentlog.local import Broker
from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import Stack, new_stack

SLICE = 50_000
FETCH_BYTES = 1 << 20


class Cost(NamedTuple):
    """Seconds of wall time and of CPU for so many events."""

    what: str
    events: int
    wall: float
    cpu: float

    def __str__(self) -> str:
        per = 1e6 / self.events
        return (
            f"{self.what:<34} {self.events / self.wall:>9,.0f} events/s {self.events / self.cpu:>9,.0f} per CPU-second "
            f"{self.wall * per:>7.1f} µs wall {self.cpu * per:>7.1f} µs CPU"
        )


async def bare(stack: Stack, count: int) -> Cost:
    """Fetch and parse every event, and nothing else."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=stack.bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_wait_ms=50,
    )
    names = (*stack.topics.counted, *stack.topics.official)
    async with consumer:
        consumer.assign(
            [TopicPartition(name, partition) for name in names for partition in range(stack.topics.partitions)]
        )
        wall, cpu, seen = time.perf_counter(), time.process_time(), 0
        while seen < count:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    orjson.loads(record.value)
                seen += len(records)
        return Cost("aiokafka getmany + orjson", count, time.perf_counter() - wall, time.process_time() - cpu)


async def folded(stack: Stack, count: int, every_behind: float) -> list[Cost]:
    """The worker's own job, to the last event and then to the last roll-up."""
    settings = stack.settings(fetch_bytes=FETCH_BYTES, every_behind=every_behind)
    async with WorkerProcess(settings) as worker:
        await worker.ready()
        process = psutil.Process(worker.process.pid)
        wall, cpu = time.perf_counter(), _cpu(process)
        await stack.committed_to(await stack.ends())
        first = Cost("worker, every event", count, time.perf_counter() - wall, _cpu(process) - cpu)
        await stack.settled(600)
        print(f"worker: {process.memory_info().rss >> 20} MiB resident")
        return [first, Cost("worker, until the last roll-up", count, time.perf_counter() - wall, _cpu(process) - cpu)]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def recovered(stack: Stack, count: int) -> Cost:
    """A restart with everything folded: all statements read back."""
    worker = WorkerProcess(stack.settings())
    await worker.start()
    start = time.perf_counter()
    await worker.ready(600)
    wall, cpu = time.perf_counter() - start, _cpu(psutil.Process(worker.process.pid))
    await worker.stop()
    return Cost("worker, start with recovery", count, wall, cpu)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", help="a broker of your own; else an embedded one")
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--nationalities", type=int, default=40, help="cells are six times this times hosts")
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--every-behind", type=float, default=2.0)
    options = parser.parse_args()
    async with _broker(options.bootstrap) as bootstrap:
        stack = await new_stack(bootstrap)
        events = generate(options.events, nationalities=options.nationalities, hosts=options.hosts)
        while portion := list(itertools.islice(events, SLICE)):
            await stack.publish(portion)
        beside = await bare(stack, options.events)
        costs = [
            beside,
            *await folded(stack, options.events, options.every_behind),
            await recovered(stack, options.events),
        ]
    print(*costs, sep="\n")
    whole = costs[2]
    print(
        f"the whole job takes {whole.wall / beside.wall:.2f} times the loop's wall time, {whole.cpu / beside.cpu:.2f} its CPU"
    )


@asynccontextmanager
async def _broker(given: str | None) -> AsyncIterator[str]:
    if given:
        yield given
    else:
        async with Broker(profile="benchmark") as broker:
            yield broker.bootstrap


if __name__ == "__main__":
    asyncio.run(main())
