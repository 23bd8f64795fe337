"""What many readers, slow ones and unfinished ones cost the others: limits hold, memory and answers stay as they are."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import orjson
import psutil
import pytest

from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.gateway.process import GatewayProcess
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.schemas.partitioning import partition_of
from support import prober
from support.sse import Folder, Parser, Refused, body, opened
from support.stack import Stack, new_stack

#: Under --whole the slow reader reads for five minutes, after five without it.
pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1200)]
NATIONALITIES, HOSTS = ("VNM", "MYS", "CHN", "IND", "BGD", "TWN", "IDN", "THA"), ("KHM", "LAO", "MMR", "PHL")
MEASURES = ("rescued", "repatriated", "escaped", "arrested", "assisted", "missing", "found", "screened")
KEYS = ["/".join(each) for each in itertools.product(MEASURES, NATIONALITIES, HOSTS)]
STREAM = "/projections/estimates/events"
#: Seconds before a flood.
QUIET = 2.0


@dataclass
class Rows:
    """Rows of estimates, written as a worker would, without one: `sent` is when, by number."""

    stack: Stack
    seed: int = 1
    sent: list[float] = field(default_factory=list)

    async def write(self, seconds: float, rate: float) -> None:
        """Change rows at random, so many a second."""
        chance, until = random.Random(self.seed), time.monotonic() + seconds
        topic = self.stack.topics.rows("estimates")
        async with KafkaBroker(self.stack.bootstrap).producer() as producer:
            while time.monotonic() < until:
                key = KEYS[len(self.sent)] if len(self.sent) < len(KEYS) else chance.choice(KEYS)
                batch = producer.batch()
                batch.append(key.encode(), self._row(key), ())
                self.sent.append(time.monotonic())
                place = TopicPartition(topic, partition_of(key.encode(), self.stack.topics.partitions))
                await (await producer.send(place, batch))
                await asyncio.sleep(1 / rate if len(self.sent) > len(KEYS) else 0)

    def _row(self, key: str) -> bytes:
        number = len(self.sent)
        return orjson.dumps({
            "projection": "estimates", "key": key, "low": number, "best": number, "high": None, "as_of": "2022-09-21", "flags": [],
            "counted": [f"S{number}-{each}" for each in range(20)], "counted_total": 20, "live": 20, "withdrawn": 0, "version": number,
        })  # fmt: skip


@dataclass
class Reader:
    """Follows, and notes how long each change took to arrive."""

    rows: Rows
    taken: list[float] = field(default_factory=list)
    folder: Folder = field(default_factory=Folder)

    async def follow(self, url: str) -> None:
        async with opened(url) as stream:
            parser = Parser()
            async for data in body(stream):
                for event in parser.feed(data):
                    self.folder.take(event)
                    if event.name == "row":
                        self.taken.append(time.monotonic() - self.rows.sent[event.data["version"]])


@asynccontextmanager
async def gateway(stack: Stack, **settings: object) -> AsyncIterator[GatewayProcess]:
    told = GatewaySettings(bootstrap=stack.bootstrap, prefix=stack.topics.prefix, port=0, **settings)  # type: ignore[arg-type]
    async with GatewayProcess(told) as process:
        await process.ready()
        yield process


def p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]


async def slow(url: str, bytes_a_second: int) -> int:
    """Read as slowly as that, for ever."""
    async with opened(url, buffer=1024) as stream:
        while True:
            await stream.read(bytes_a_second // 4)
            await asyncio.sleep(0.25)


async def test_a_slow_reader_costs_neither_memory_nor_the_time_of_others(
    bootstrap: str, pytestconfig: pytest.Config
) -> None:
    whole = bool(pytestconfig.getoption("--whole"))
    seconds, rate = (300.0, 200.0) if whole else (6.0, 100.0)
    stack = await new_stack(bootstrap)
    rows = Rows(stack)
    await rows.write(0.5, rate)
    async with gateway(stack) as process, AsyncExitStack() as tasks:
        url = process.url + STREAM
        readers = [Reader(rows) for _ in range(5)]
        following = [asyncio.create_task(each.follow(url)) for each in readers]
        for task in following:
            tasks.callback(task.cancel)
        await rows.write(seconds, rate)
        before = [each for reader in readers for each in reader.taken[len(KEYS) :]]
        memory = psutil.Process(process.process.pid)
        resident = memory.memory_info().rss
        dawdling = asyncio.create_task(slow(url, 1024))
        tasks.callback(dawdling.cancel)
        marks = [len(reader.taken) for reader in readers]
        await rows.write(seconds, rate)
        after = [each for reader, mark in zip(readers, marks, strict=True) for each in reader.taken[mark:]]
        grown = memory.memory_info().rss - resident
        assert not dawdling.done()
        assert all(not task.done() for task in following)
    print(
        f"p99 {p99(before) * 1e3:.1f} ms alone, {p99(after) * 1e3:.1f} ms beside a slow reader; {grown / (1 << 20):+.1f} MB"
    )
    assert grown <= 20 << 20, f"{grown / (1 << 20):.1f} MB"
    # In short runs on a busy machine the slowest of few hundred answers says little: then a twentieth of a second may be added.
    assert p99(after) <= p99(before) * 1.2 + (0 if whole else 0.05), (p99(before), p99(after))


async def test_limits_hold_against_a_flood_and_answers_stay_quick(bootstrap: str, pytestconfig: pytest.Config) -> None:
    whole = bool(pytestconfig.getoption("--whole"))
    many, unfinished = (2000, 500) if whole else (200, 50)
    stack = await new_stack(bootstrap)
    await Rows(stack).write(0.3, 100)
    limits = {"connections": many * 3 // 4, "streams": many // 2, "header_seconds": 3.0 if whole else 1.0}
    async with gateway(stack, **limits) as process, AsyncExitStack() as open_ones:
        parts = urlsplit(process.url)
        probing = await probe(parts, 14 if whole else 5)
        await asyncio.sleep(QUIET + 0.5)
        heads = [asyncio.create_task(_unfinished(parts.hostname or "", parts.port or 0)) for _ in range(unfinished)]
        counts: Counter[int] = Counter()
        kept: list[asyncio.Task[int]] = []
        release = asyncio.Event()
        open_ones.callback(release.set)
        for _ in range(many):
            kept.append(asyncio.create_task(_held(process.url + STREAM, release, counts)))
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while sum(counts.values()) < many:  # noqa: ASYNC110 - of many tasks
                await asyncio.sleep(0.05)
        assert counts[200] + counts[503] == many, counts
        assert counts[200] == min(limits["streams"], counts[200])
        assert counts[503] >= many - limits["streams"]
        async with asyncio.timeout(30):
            assert set(await asyncio.gather(*heads)) <= {408, 503}
        told = await answered(probing)
        quiet, taken = ([each for at, each in told if (at < QUIET) == before] for before in (True, False))
        print(
            f"{dict(counts)}; answers: p99 {p99(quiet) * 1e3:.1f} ms before, {p99(taken) * 1e3:.1f} ms meanwhile ({len(taken)})"
        )
        # What a busy machine adds is in what came before; in short runs p99 is one of the few slowest.
        assert p99(taken) <= p99(quiet) + (0.1 if whole else 0.25)
        release.set()
        await asyncio.gather(*kept)
        async with asyncio.timeout(30):  # there is room again
            async with opened(process.url + STREAM):
                pass


async def probe(parts: SplitResult, seconds: int) -> asyncio.subprocess.Process:
    """A process that asks for so long, again and again."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(prober.__file__)), str(parts.hostname), str(parts.port), str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )


async def answered(probing: asyncio.subprocess.Process) -> list[tuple[float, float]]:
    """When each answer was asked for, and how many seconds it took."""
    told, _ = await probing.communicate()
    assert probing.returncode == 0
    taken: list[tuple[float, float]] = json.loads(told)
    return taken


async def _held(url: str, release: asyncio.Event, counts: Counter[int]) -> int:
    try:
        async with opened(url):
            counts[200] += 1
            await release.wait()
            return 200
    except Refused as refused:
        counts[refused.status if "retry-after" in refused.head else 0] += 1
        return refused.status


async def _unfinished(host: str, port: int) -> int:
    """A head that never ends; the status it is refused with."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(b"GET / HTTP/1.1\r\nhost: gateway\r\nx-slow: ")
        return int((await reader.readline()).split()[1])
    finally:
        writer.transport.abort()
