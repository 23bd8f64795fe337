"""Streams over a socket: signs of life, limits, the end; what is slow, large or unfinished is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.schemas.partitioning import partition_of
from support.contracts import put
from support.gateway import TOPICS, Served, filled, listening
from support.sse import Folder, Refused, body, opened, read

STREAM = "/projections/rescued-by-nationality/events"
LIMITS: dict[str, Any] = {
    "streams": 3,
    "heartbeat": 0.05,
    "header_seconds": 0.3,
    "header_bytes": 2000,
    "connections": 8,
}


@pytest.fixture
async def broker() -> MemoryBroker:
    return await filled()


@pytest.fixture
async def here(broker: MemoryBroker) -> AsyncIterator[tuple[Served, str]]:
    async with listening(broker, **LIMITS) as running:
        yield running


async def raw(url: str, request: bytes) -> bytes:
    """Everything that comes back until the connection is closed."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.transport.abort()


async def test_rows_changes_and_what_is_gone(here: tuple[Served, str], broker: MemoryBroker) -> None:
    _, url = here
    folder = Folder()
    await read(url + STREAM, folder)
    assert len(folder.rows) == 8
    place = TopicPartition(TOPICS.rows("rescued-by-nationality"), partition_of(b"IND", TOPICS.partitions))
    row = {name: value for name, value in folder.rows["IND"].items() if name not in ("label", "recorded")} | {"high": 9}
    await put(broker, place, ("IND", orjson.dumps(row)))
    await put(broker, place, ("LAO", orjson.dumps({**row, "key": "LAO"})))
    await put(broker, place, ("LAO", None))
    async with asyncio.timeout(5):
        while folder.rows["IND"]["high"] != 9 or "LAO" in folder.rows:
            await read(url + STREAM, folder)
    assert len(folder.rows) == 8
    assert (folder.resets, folder.repeated) == (0, [])


async def test_an_id_of_no_use_begins_anew(here: tuple[Served, str]) -> None:
    _, url = here
    for mark in ("nonsense", "v1.0-0.0~00000000-7", "~00000000-1", "v9.1-1.0~00000000-7", "x" * 1500):
        folder = Folder(last_id=mark)
        await read(url + STREAM, folder)
        assert (folder.resets, len(folder.rows)) == (1, 8), mark


async def test_signs_of_life_while_nothing_happens(here: tuple[Served, str]) -> None:
    _, url = here
    async with asyncio.timeout(5), opened(url + STREAM) as stream:
        seen = b""
        async for data in body(stream):
            seen += data
            if seen.count(b"\n:\n\n") + seen.count(b":\n\n:\n\n") >= 2:
                return


async def test_beyond_the_limit_there_is_a_problem_and_room_again_when_one_goes(here: tuple[Served, str]) -> None:
    served, url = here
    async with opened(url + STREAM), opened(url + STREAM):
        async with opened(url + STREAM):
            await served.until(lambda: len(served.gateway.streams) == 3)
            with pytest.raises(Refused) as refused:
                async with opened(url + STREAM):
                    pass
            assert refused.value.status == 503
            assert "retry-after: 5" in refused.value.head
            assert "application/problem+json" in refused.value.head
        await served.until(lambda: len(served.gateway.streams) == 2)
        async with opened(url + STREAM):
            pass


async def test_connections_beyond_the_limit_are_told_to_come_again(here: tuple[Served, str]) -> None:
    _, url = here
    parts = urlsplit(url)
    idle = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(LIMITS["connections"])]
    answer = await raw(url, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"too-busy" in answer
    for _, writer in idle:
        writer.transport.abort()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", 408),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx-large: " + b"a" * 5000, 431),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx-large: " + b"a" * 5000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 150 + b"\r\n", 431),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 431),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: x\r\nlast-event-id: a\x00b\r\n\r\n", 400),
    ],
)
async def test_heads_that_are_slow_large_or_nonsense_are_refused(
    here: tuple[Served, str], request_: bytes, status: int
) -> None:
    answer = await raw(here[1], request_)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:100]
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_connection_that_was_idle_after_an_answer_may_ask_again(here: tuple[Served, str]) -> None:
    parts = urlsplit(here[1])
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for _ in range(3):
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await reader.readuntil(b"}}")).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(LIMITS["header_seconds"] * 1.3)
    writer.transport.abort()


async def test_a_reader_who_takes_nothing_is_let_go(broker: MemoryBroker) -> None:
    async with listening(broker, stalled_seconds=0.2) as (served, url), opened(url + STREAM, buffer=1024):
        place = TopicPartition(TOPICS.rows("rescued-by-nationality"), 0)
        number = 0
        async with asyncio.timeout(20):
            while len(served.gateway.streams):
                number += 1
                row = {"projection": "rescued-by-nationality", "key": "IND", "low": number, "best": number, "high": None,
                       "as_of": None, "flags": ["x" * 100] * 500, "contributions": []}  # fmt: skip
                await put(broker, place, ("IND", orjson.dumps(row)))
                await asyncio.sleep(0.03)


async def test_a_gateway_that_stops_ends_its_streams(broker: MemoryBroker) -> None:
    async with listening(broker) as (_, url):
        streaming = asyncio.create_task(_to_the_end(url + STREAM))
        await asyncio.sleep(0.2)
    async with asyncio.timeout(5):
        assert b"caught-up" in await streaming


async def _to_the_end(url: str) -> bytes:
    async with opened(url) as stream:
        return b"".join([data async for data in body(stream)])


async def test_every_answer_keeps_browsers_out_of_trouble(here: tuple[Served, str]) -> None:
    served, _ = here
    for path in ("/projections", "/nowhere", "/healthz"):
        answer = await served.client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers
