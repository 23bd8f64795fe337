"""What streaming costs: the gateway's processor time for each event and reader, beside a bare server of the same framework.

    uv run python tests/bench/stream.py --readers 1000 --events 100

Both send the same number of events of about the same size, at the same pace, to as many readers; they take turns, round by
round. The bare server has its events made up already; the gateway reads them from a real broker, and its time for that, and
for what else it follows, is part of its figure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.gateway.process import GatewayProcess
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.tables import table
from support.brokers import opened as broker
from support.sse import body, opened
from support.stack import new_stack

#: One for each event, so that none is merged with the next.
KEYS = [
    f"rescued/{people}/{host}"
    for host in ("KHM", "LAO", "MMR", "PHL")
    for people in sorted(table("labels")["countries"])
]


def row(number: int) -> dict[str, Any]:
    return {
        "projection": "estimates", "key": KEYS[number % len(KEYS)], "low": number, "best": number, "high": None, "as_of": "2022-09-21", "flags": [],
        "counted": ["S2-02", "S2-03"], "counted_total": 2, "live": 6, "withdrawn": 0, "version": number,
    }  # fmt: skip


def bare() -> None:
    """A server that sends a line of its standard input, as an event, to whoever reads."""
    import uvicorn
    from fastapi import FastAPI
    from starlette.responses import StreamingResponse

    app, readers = FastAPI(), set[asyncio.Queue[bytes]]()

    async def told() -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        readers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            readers.discard(queue)

    @app.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(told(), media_type="text/event-stream")

    async def serve() -> None:
        loop, lines = asyncio.get_running_loop(), asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        config = uvicorn.Config(app, http="httptools", access_log=False, log_config=None, backlog=2048)
        server = uvicorn.Server(config)
        import socket

        listener = socket.create_server(("127.0.0.1", 0))
        print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
        serving = asyncio.create_task(server.serve([listener]))
        async for line in lines:
            for queue in readers:
                queue.put_nowait(b"id: v1.12-5-7-9.0~5f3a09c1-42\nevent: row\ndata: " + line.strip() + b"\n\n")
        server.should_exit = True
        await serving

    asyncio.run(serve())


class Readers:
    """Connections that count the events that arrive."""

    def __init__(self) -> None:
        self.events = 0
        self.open = 0

    async def one(self, url: str) -> None:
        async with opened(url) as stream:
            self.open += 1
            async for data in body(stream):
                self.events += data.count(b"event: row")

    async def count(self, wanted: int) -> None:
        while self.events < wanted:  # noqa: ASYNC110 - of many readers
            await asyncio.sleep(0.05)


@asynccontextmanager
async def reading(url: str, count: int) -> AsyncIterator[Readers]:
    readers = Readers()
    tasks = [asyncio.create_task(readers.one(url)) for _ in range(count)]
    while readers.open < count:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    readers.events = 0
    try:
        yield readers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def of_bare(count: int, events: int, pause: float) -> float:
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--bare"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    port = json.loads(await server.stdout.readline())["port"]
    process = psutil.Process(server.pid)
    async with reading(f"http://127.0.0.1:{port}/events", count) as readers:
        before = spent(process)
        for number in range(events):
            told = {**row(number), "label": "Vietnam, in Cambodia", "recorded": "2026-11-23T01:21:51.776Z"}
            server.stdin.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")
            await asyncio.sleep(pause)
        await readers.count(events * count)
        taken = spent(process) - before
    server.kill()
    await server.wait()
    return taken


async def of_gateway(bootstrap: str, count: int, events: int, pause: float) -> float:
    stack = await new_stack(bootstrap)
    told = GatewaySettings(
        bootstrap=bootstrap, prefix=stack.topics.prefix, port=0, connections=count + 50, streams=count
    )
    topic = stack.topics.rows("estimates")
    async with GatewayProcess(told) as gateway, KafkaBroker(bootstrap).producer() as producer:
        await gateway.ready()
        process = psutil.Process(gateway.process.pid)
        async with reading(f"{gateway.url}/projections/estimates/events", count) as readers:
            before = spent(process)
            for number in range(events):
                batch, key = producer.batch(), KEYS[number % len(KEYS)].encode()
                place = TopicPartition(topic, partition_of(key, stack.topics.partitions))
                batch.append(key, json.dumps(row(number)).encode(), ())
                await (await producer.send(place, batch))
                await asyncio.sleep(pause)
            await readers.count(events * count)
            return spent(process) - before


async def measure(options: argparse.Namespace, bootstrap: str) -> None:
    figures: dict[str, list[float]] = {"bare": [], "gateway": []}
    for number in range(options.rounds):
        for name in ("bare", "gateway") if number % 2 == 0 else ("gateway", "bare"):
            arguments = (options.readers, options.events, options.pause)
            taken = await (of_bare(*arguments) if name == "bare" else of_gateway(bootstrap, *arguments))
            figures[name].append(taken / options.events / options.readers * 1e6)
            print(
                f"round {number + 1}  {name:8} {figures[name][-1]:6.1f} µs of processor time for each event and reader",
                flush=True,
            )
    ratios = [ours / theirs for ours, theirs in zip(figures["gateway"], figures["bare"], strict=True)]
    print(
        f"gateway / bare: {statistics.median(ratios):.2f} (median of {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two events")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, options.readers * 2 + 500)), hard))
    if options.bare:
        bare()
        return
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    began = time.monotonic()
    with broker("embedded") as bootstrap:
        asyncio.run(measure(options, bootstrap))
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
