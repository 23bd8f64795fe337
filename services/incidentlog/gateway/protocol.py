"""HTTP as it comes over a connection, with limits that uvicorn does not have: slow and large heads, stalled readers."""

from __future__ import annotations

import asyncio
import socket
from asyncio import TimerHandle
from collections import Counter
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from incidentlog.gateway.errors import TooBusy
from incidentlog.gateway.problems import answer
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.schemas.errors import IncidentlogError

#: What the system holds of an answer beyond what its reader took; the rest waits here, where it is replaced by what is newer.
_SEND_BUFFER = 64 << 10
#: Connections beyond those that are served, which are told to come again.
_REFUSED = 2048
MOST_HEADERS = 100


class HeadTooLarge(IncidentlogError):
    """A request's head is larger than what is read."""


class Limited(HttpToolsProtocol):
    """One connection."""

    settings: ClassVar[GatewaySettings]
    refused: ClassVar[Counter[int]]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._head: TimerHandle | None = None
        self._stalled: TimerHandle | None = None
        self._received = 0
        super().connection_made(transport)
        if (own := transport.get_extra_info("socket")) is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._beyond = len(self.connections) > self.settings.connections
        if len(self.connections) > self.settings.connections + _REFUSED:
            transport.abort()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is not None:
            self._received += len(data)
            if self._received > self.settings.header_bytes:
                self._refuse(431, "Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.settings.header_bytes or len(self.headers) > MOST_HEADERS:
            self._refuse(431, "Request Header Fields Too Large")
            raise HeadTooLarge
        if self._beyond:
            told = answer(TooBusy("connections", self.settings.connections))
            self._refuse(503, "Service Unavailable", bytes(told.body), dict(told.headers))
            raise HeadTooLarge
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(self.settings.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _await_head(self) -> None:
        if self._head is None:
            self._received = 0
            self._head = self.loop.call_later(self.settings.header_seconds, self._head_late)

    def _head_came(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _head_late(self) -> None:
        self._head = None
        self._refuse(408, "Request Timeout")

    def _refuse(self, status: int, phrase: str, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Answer without the application, and close."""
        self._head_came()
        if self.transport.is_closing():
            return
        self.refused[status] += 1
        told = {**(headers or {}), "content-length": str(len(body)), "connection": "close"}
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        self.transport.write("\r\n".join(lines).encode() + body)
        self.transport.close()


def protocol(settings: GatewaySettings, refused: Counter[int]) -> type[Limited]:
    """The protocol with the limits of these settings; what it refuses it counts, by status."""
    return type("Limited", (Limited,), {"settings": settings, "refused": refused})
