"""A reader of server-sent events who keeps rows, and may be cut off at any byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson


class Event(NamedTuple):
    """One event as it was dispatched; `id` is the last one sent so far."""

    name: str
    data: Any
    id: str


class Parser:
    """Bytes in, whole events out, as the specification of server-sent events has it."""

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self._rest = b""
        self._name, self._data, self._id = "", [""][:0], last_id

    def feed(self, data: bytes) -> Iterator[Event]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            name, _, value = line.decode().partition(":")
            value = value.removeprefix(" ")
            if not line:
                self.last_id = self._id
                if self._data:
                    yield Event(self._name, orjson.loads("\n".join(self._data)), self.last_id)
                self._name, self._data = "", []
            elif name == "event":
                self._name = value
            elif name == "data":
                self._data.append(value)
            elif name == "id":
                self._id = value


@dataclass
class Folder:
    """What a program keeps of a stream: rows by key. Knows what was told twice."""

    rows: dict[str, Any] = field(default_factory=dict)
    last_id: str = ""
    resets: int = 0
    repeated: list[Event] = field(default_factory=list)
    caught_up: bool = False
    events: int = 0

    def take(self, event: Event) -> None:
        self.events += 1
        if event.name == "row":
            if self.rows.get(event.data["key"]) == event.data:
                self.repeated.append(event)
            self.rows[event.data["key"]] = event.data
        elif event.name == "gone":
            self.rows.pop(event.data["key"], None)
        elif event.name == "reset":
            self.resets += 1
            self.rows.clear()
        elif event.name == "caught-up":
            self.caught_up = True
        self.last_id = event.id


class Refused(Exception):
    """The answer was no stream."""

    def __init__(self, status: int, head: str) -> None:
        self.status, self.head = status, head
        super().__init__(f"{status}: {head}")


@asynccontextmanager
async def opened(
    url: str, last_id: str = "", *, headers: str = "", buffer: int = 0
) -> AsyncIterator[asyncio.StreamReader]:
    """A stream's body as it comes, chunks and all taken apart by `body`. `buffer` limits what is read ahead."""
    parts = urlsplit(url)
    limit = {"limit": buffer} if buffer else {}
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, **limit)
    resume = f"last-event-id: {last_id}\r\n" if last_id else ""
    writer.write(f"GET {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\n{resume}{headers}\r\n".encode())
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = int(head.split()[1])
        if status != 200:
            raise Refused(status, head)
        yield reader
    finally:
        writer.transport.abort()


async def body(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The content of the chunks, as soon as any of it is there."""
    while size := int(await reader.readline(), 16):
        while size:
            data = await reader.read(min(size, 4096))
            if not data:
                return
            size -= len(data)
            yield data
        await reader.readline()


async def read(url: str, folder: Folder, budget: int | None = None, *, headers: str = "") -> None:
    """Go on with a stream until it has caught up, or until so many bytes have come."""
    parser = Parser(folder.last_id)
    folder.caught_up = False
    async with opened(url, folder.last_id, headers=headers) as reader:
        async for data in body(reader):
            taken = data if budget is None else data[:budget]
            for event in parser.feed(taken):
                folder.take(event)
            if budget is not None:
                budget -= len(taken)
            if budget == 0 or (budget is None and folder.caught_up):
                return
