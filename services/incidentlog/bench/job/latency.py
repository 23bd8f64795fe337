"""How long after an event is due its effect is seen: through worker and subscriber, beside bare produce-to-consume.

The events' moments are fixed beforehand and kept whatever happens to those before (an open loop), and an event's time runs
from its moment, not from when its turn came: a stall counts for all that it delays. One process publishes and watches, so
there is one clock. Each event raises the number of its cell by one, and that of its nationality, so each row says which
events it has seen.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from incidentlog.bench.job.figures import Figure
from incidentlog.bench.job.ground import Ground
from incidentlog.bench.job.runs import cpu, settings_for
from incidentlog.bench.wording import Claim, countries, told
from incidentlog.client import Publisher, Subscriber
from incidentlog.client.background import running
from incidentlog.schemas import codec
from incidentlog.schemas.events import Event, claim_id
from incidentlog.schemas.topics import Topics
from incidentlog.worker import WorkerProcess

PART = "latency"
_HOST, _CELLS = "KHM", 200
_FIRST_DAY = date(2020, 1, 1)
WARM_SECONDS = 5.0
#: Publications whose outcome is not looked at yet: more than are ever under way, but for a standstill.
_IN_HAND = 2_000
_PATIENCE = 60.0


@dataclass(slots=True)
class Watch:
    """When each event was due and when it was seen, by its number; the n-th event is the n // cells-th of its cell."""

    due: list[float]
    seen: dict[int, float] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)

    def saw(self, key: str, cell: int, number: int) -> None:
        """A row with this number has come: it has seen all events of the cell up to it."""
        now, before = time.perf_counter(), self._told.get(key, 0)
        for nth in range(before, number):
            self.seen[nth * _CELLS + cell] = now
        self._told[key] = max(before, number)

    def delays(self, first: int) -> list[float]:
        """Milliseconds from due to seen, in order of length, of the events from `first` on."""
        return sorted((self.seen[n] - self.due[n]) * 1000 for n in range(first, len(self.due)))


def claims(count: int) -> list[Event]:
    """So many rescues of one person each, every cell's on days of their own."""
    nationalities = [code for code in countries() if code != _HOST][:_CELLS]
    made = []
    for number in range(count):
        day = (_FIRST_DAY + timedelta(days=number // _CELLS)).isoformat()
        source, ref = f"https://example.org/{number // 7}", f"L{number}"
        claim = Claim(0, "increment", day, day, day, 1, 1.0, "", number)
        made.append(told("rescued", nationalities[number % _CELLS], _HOST, claim_id(source, ref), source, ref, claim))
    return [codec.decode(value) for _, _, value in made]


async def measure(
    ground: Ground, rate: int, seconds: float, rounds: int, told: Callable[[str, int, int], None], every: float = 0.02
) -> list[Figure]:
    """The bare way and ours in turns; `every`: the least seconds from one transaction of a partition to its next."""
    made = claims(int(rate * (seconds + WARM_SECONDS)))
    gc.collect()
    gc.freeze()  # going through all of these takes a tenth of a second, which would be told of whoever is measured
    first = int(rate * WARM_SECONDS)
    found: dict[str, list[list[float]]] = {"bare produce to consume": [], "estimate": [], "roll-up": []}
    shares: list[float] = []
    told("Warming up", 0, rounds)
    topics = await ground.lay("warm", "v0")
    await ours(ground, topics, made, rate, every)  # a broker that has just started compiles itself on the cores of all
    await ground.clear(topics, events=True)
    for turn in range(rounds):
        told("Measuring latency", turn, rounds)
        topics = await ground.lay(f"bare{turn}", "v0")
        found["bare produce to consume"].append((await _bare(ground.bootstrap, topics, made, rate)).delays(first))
        await ground.clear(topics, events=True)
        topics = await ground.lay(f"latency{turn}", "v0")
        estimate, rollup, share = await ours(ground, topics, made, rate, every)
        found["estimate"].append(estimate.delays(first))
        found["roll-up"].append(rollup.delays(first))
        shares.append(share)
        await ground.clear(topics, events=True)
    return _figures(f"{rate:,} events/s for {seconds:g} s, stored every {every * 1000:g} ms", found, shares)


def _figures(case: str, found: dict[str, list[list[float]]], shares: list[float]) -> list[Figure]:
    figures, (bare, *others) = [], found
    tails = {name: [each[int(len(each) * 0.99)] for each in runs] for name, runs in found.items()}
    for name, runs in found.items():
        figures.append(Figure(PART, case, f"{name}: p50", "ms", [each[len(each) // 2] for each in runs]))
        figures.append(Figure(PART, case, f"{name}: p99", "ms", tails[name]))
    for name, mark in zip(others, ("≤ 5", "≤ 10"), strict=True):
        ratios = [ours / theirs for ours, theirs in zip(tails[name], tails[bare], strict=True)]
        figures.append(Figure(PART, case, f"{name}: p99, of the bare p99", "times", ratios, mark))
    return [*figures, Figure(PART, case, "CPU of the worker", "of a core", shares)]


async def _paced(
    made: list[Event], rate: int, watch: Watch, publish: Callable[[int], Awaitable[Awaitable[object]]]
) -> None:
    """Begin to publish each event when it is due, without waiting until those before it are through."""
    begun = time.perf_counter() + 0.2
    sent: deque[Awaitable[object]] = deque()
    watch.due[:] = [begun + number / rate for number in range(len(made))]
    for number, due in enumerate(watch.due):
        if (left := due - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        sent.append(await publish(number))
        if len(sent) > _IN_HAND:  # all at once, at the end, would hold up the last of them
            await sent.popleft()
    while sent:
        await sent.popleft()


async def _bare(bootstrap: str, topics: Topics, made: list[Event], rate: int) -> Watch:
    topic, watch = topics.events("RescueReported"), Watch([])
    raw = [(str(event.cell).encode(), codec.encode(event)) for event in made]
    numbers = {event.id: number for number, event in enumerate(made)}
    consumer: Any = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")

    async def consume() -> None:
        async for record in consumer:
            watch.seen[numbers[orjson.loads(record.value)["id"]]] = time.perf_counter()

    async def publish(number: int) -> Awaitable[object]:
        key, value = raw[number]
        return await producer.send(topic, value, key)  # type: ignore[no-any-return]

    producer: Any = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    async with consumer, producer, running(consume()):
        await _paced(made, rate, watch, publish)
        await _all_seen(watch)
    return watch


async def ours(
    ground: Ground, topics: Topics, made: list[Event], rate: int, every: float
) -> tuple[Watch, Watch, float]:
    """Through a worker and two subscribers: when estimates and roll-ups were seen, and the CPU of the worker, of a core."""
    estimates, rollups = Watch([]), Watch([])
    cells = {str(event.cell): number for number, event in enumerate(made[:_CELLS])}
    nationalities = {key.split("/")[1]: number for key, number in cells.items()}
    settings = settings_for(ground, topics, commit_interval=0.5, every=every)

    async def publish(number: int) -> Awaitable[object]:
        return asyncio.ensure_future(publisher.publish(made[number]))

    async with (
        WorkerProcess(settings) as worker,
        Publisher(ground.bootstrap, topics=topics) as publisher,
        running(_watched(ground.bootstrap, topics, "estimates", cells, estimates)),
        running(_watched(ground.bootstrap, topics, "rescued-by-nationality", nationalities, rollups)),
    ):
        await worker.ready()
        process = psutil.Process(worker.process.pid)
        begun, spent = time.perf_counter(), cpu(process)
        await _paced(made, rate, estimates, publish)
        share = (cpu(process) - spent) / (time.perf_counter() - begun)
        rollups.due = estimates.due
        await _all_seen(estimates)
        await _all_seen(rollups)
    return estimates, rollups, share


async def _watched(bootstrap: str, topics: Topics, projection: str, keys: dict[str, int], watch: Watch) -> None:
    async with Subscriber(bootstrap, projection, topics=topics) as subscriber:
        async for change in subscriber:
            if change.row is not None and change.key in keys:
                watch.saw(change.key, keys[change.key], change.row["best"])


async def _all_seen(watch: Watch) -> None:
    async with asyncio.timeout(_PATIENCE):
        while len(watch.seen) < len(watch.due):  # noqa: ASYNC110 - to look is cheaper than to be told of each
            await asyncio.sleep(0.01)
