"""Somebody who takes webhooks: a server on this machine that notes what it is sent and answers as it is told."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass
class Message:
    """What arrived, and when by the server's own clock."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = orjson.loads(self.body)
        return told

    def signed_with(self, secret: bytes) -> bool:
        """Whether the signature is right, as the standard says how to find out."""
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        right = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        return f"v1,{right}" in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    """Answers each message with the next of `statuses`, 204 once there are none; 0 hangs up without an answer."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    headers: str = ""
    messages: list[Message] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    silent: bool = False
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def has(self, count: int, *, taken: bool = True) -> None:
        """Wait until so many messages were taken, or arrived at least."""
        async with asyncio.timeout(20):
            while len(self.taken if taken else self.messages) < count:
                self._arrived.clear()
                await self._arrived.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
                body = await reader.readexactly(int(headers["content-length"]))
                await self._answer(Message(headers, body), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, message: Message, writer: asyncio.StreamWriter) -> None:
        self.messages.append(message)
        status = self.statuses.pop(0) if self.statuses else 204
        if 200 <= status < 300 and not self.silent:
            self.taken.append(message)
        self._arrived.set()
        if self.silent:
            await asyncio.Event().wait()
        if not status:
            raise ConnectionResetError
        writer.write(f"HTTP/1.1 {status} So\r\ncontent-length: 0\r\n{self.headers}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def receiver(*statuses: int, headers: str = "") -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    taker = Receiver(statuses=list(statuses), headers=headers)
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(taker.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    taker.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?for=test"
    try:
        yield taker
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
