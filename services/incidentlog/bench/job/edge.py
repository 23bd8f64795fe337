"""The validating edge by itself: what checking an event costs, and publishing beside a bare producer of the same bytes."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaProducer

from incidentlog.bench.job.figures import Figure
from incidentlog.bench.job.ground import Ground
from incidentlog.bench.load import Load, Produced, events
from incidentlog.client import Publisher
from incidentlog.client.admission import HEADERS
from incidentlog.local import Progress
from incidentlog.schemas import codec
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import Topics

PART = "the edge"


async def measure(ground: Ground, count: int, rounds: int, told: Progress) -> list[Figure]:
    """Each way of publishing the same events in turn, every time to topics of its own."""
    raw = list(itertools.islice(events(Load.of(count, seed=5, withdrawn=0.0, parts=0.0)), count))
    made = [codec.decode(event.value) for event in raw]
    ways: dict[str, Callable[[Topics], Awaitable[object]]] = {
        "aiokafka send, idempotent": lambda topics: _bare(ground.bootstrap, topics, raw),
        "Publisher, known=False": lambda topics: _published(ground.bootstrap, topics, made, known=False),
        "Publisher": lambda topics: _published(ground.bootstrap, topics, made, known=True),
        "decode, check and Publisher": lambda topics: _from_bytes(ground.bootstrap, topics, raw),
    }
    wall: dict[str, list[float]] = {name: [] for name in ways}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    checked = [_checked(raw) for _ in range(rounds)]
    for turn, (name, way) in itertools.product(range(-1, rounds), ways.items()):
        told(f"Publishing: {name}", turn + 1, rounds + 1)
        topics = await ground.lay(f"edge{turn + 1}-{list(ways).index(name)}", "v0")
        took, cpu = await _timed(way(topics))
        await ground.clear(topics, events=True)
        if turn >= 0:  # the turn before the first is for warming up
            wall[name].append(took / count * 1e6)
            spent[name].append(cpu / count * 1e6)
    case = f"{count:,} events of {sum(len(event.value) for event in raw) // count:,} bytes"
    return [Figure(PART, case, "decode and check", "µs/event", checked), *_figures(case, wall, spent)]


def _figures(case: str, wall: dict[str, list[float]], spent: dict[str, list[float]]) -> list[Figure]:
    (bare, *others), figures = wall, []
    for name in (bare, *others):
        figures.append(Figure(PART, case, f"{name}: wall", "µs/event", wall[name]))
        figures.append(Figure(PART, case, f"{name}: CPU", "µs/event", spent[name]))
    for name in others:
        ratios = [a / b for a, b in zip(spent[bare], spent[name], strict=True)]
        mark = "≥ 0.5" if name.startswith("Publisher") else ""
        figures.append(Figure(PART, case, f"{name}: per CPU-second, of bare", "", ratios, mark))
    return figures


def _checked(raw: Sequence[Produced]) -> float:
    registers = builtin()
    begun = time.process_time()
    for event in raw:
        codec.decode(event.value, registers)
    return (time.process_time() - begun) / len(raw) * 1e6


async def _bare(bootstrap: str, topics: Topics, raw: Sequence[Produced]) -> None:
    names = {home: topics.events(home) for home in {event.home for event in raw}}
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=20, max_batch_size=512 << 10
    ) as producer:
        headers = list(HEADERS)
        sent = [await producer.send(names[home], value, key, headers=headers) for home, key, value in raw]
        await asyncio.gather(*sent)


async def _published(bootstrap: str, topics: Topics, made: Sequence[Event], *, known: bool) -> None:
    async with Publisher(bootstrap, topics=topics, known=known) as publisher:
        totals = await publisher.publish_all(made)
    assert totals.appended == len(made)


async def _from_bytes(bootstrap: str, topics: Topics, raw: Sequence[Produced]) -> None:
    registers = builtin()
    async with Publisher(bootstrap, topics=topics) as publisher:
        totals = await publisher.publish_all(codec.decode(event.value, registers) for event in raw)
    assert totals.appended == len(raw)


async def _timed(work: Awaitable[object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    return time.perf_counter() - wall, time.process_time() - cpu
