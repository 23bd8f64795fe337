"""How fast the publisher is beside aiokafka itself: both append the same bytes, idempotent, acks=all, to the same broker.

    uv run python tests/bench/publish_throughput.py localhost:19092 --events 200000 --rounds 3

Prints events per second of wall time and of CPU for each round, and the ratio of the medians.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from incidentlog.client import Publisher
from incidentlog.client.admission import HEADERS
from incidentlog.schemas.claims import RescueReported
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.events import Event, claimed
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply

GOLDEN = Path(__file__).parents[1] / "golden" / "RescueReported.v1.json"
COUNTRIES = ("KHM", "MMR", "LAO", "PHL", "THA")
NATIONALITIES = ("VNM", "CHN", "MYS", "THA", "IND", "BGD", "IDN", "PHL")


def events(count: int) -> list[Event]:
    """Rescue claims over 40 cells, all different."""
    base = decode(GOLDEN.read_bytes()).data
    assert isinstance(base, RescueReported)
    made = []
    for number in range(count):
        place = base.place.model_copy(update={"country": COUNTRIES[number % 5], "subdivision": None})
        population = base.population.model_copy(update={"nationality": NATIONALITIES[number % 8]})
        update = {"ref": f"B-{number}", "place": place, "population": population}
        made.append(claimed("https://example.org/bench", base.model_copy(update=update)))
    return made


async def bare(bootstrap: str, topic: str, raw: list[tuple[bytes, bytes]]) -> None:
    """aiokafka's own way: `send` per event, linger and large batches."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=20, max_batch_size=512 << 10
    ) as producer:
        headers = list(HEADERS)
        futures = [await producer.send(topic, value, key, headers=headers) for key, value in raw]
        await asyncio.gather(*futures)


async def published(bootstrap: str, topics: Topics, made: list[Event], *, known: bool) -> None:
    """The publisher: checks, stamps, encodes and appends."""
    async with Publisher(bootstrap, topics=topics, known=known) as publisher:
        totals = await publisher.publish_all(made)
    assert totals.appended == len(made)


async def measured(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Seconds of wall time and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - wall, time.process_time() - cpu


async def main(bootstrap: str, count: int, rounds: int) -> None:
    """Alternate the ways, so that both meet the same weather."""
    made = events(count)
    raw = [(str(event.cell).encode(), encode(event)) for event in made]
    print(f"{count:,} events of {len(raw[0][1])} bytes")
    rates: dict[str, list[float]] = {}
    for _ in range(rounds):
        topics = Topics(prefix=f"bench-{uuid4().hex[:8]}")
        await apply(bootstrap, topics)
        rescues = topics.events("RescueReported")
        again = Topics(prefix=f"bench-{uuid4().hex[:8]}")
        await apply(bootstrap, again)
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "aiokafka send": lambda topic=rescues: bare(bootstrap, topic, raw),  # type: ignore[misc]
            "publisher known=False": lambda topics=again: published(bootstrap, topics, made, known=False),  # type: ignore[misc]
        }
        fresh = Topics(prefix=f"bench-{uuid4().hex[:8]}")
        await apply(bootstrap, fresh)
        ways["publisher"] = lambda topics=fresh: published(bootstrap, topics, made, known=True)  # type: ignore[misc]
        for name, way in ways.items():
            wall, cpu = await measured(way)
            rates.setdefault(name, []).append(count / wall)
            print(f"{name:24} {count / wall:9,.0f} events/s wall {count / cpu:9,.0f} per CPU-second")
    base = statistics.median(rates["aiokafka send"])
    for name, values in rates.items():
        print(
            f"{name:24} median {statistics.median(values):9,.0f} events/s, {statistics.median(values) / base:.2f} of aiokafka send"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bootstrap")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.bootstrap, arguments.events, arguments.rounds))
