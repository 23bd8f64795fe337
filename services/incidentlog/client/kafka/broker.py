"""A Kafka cluster as a Broker."""

# ruff: noqa: SLF001 - the connections of a consumer that fails to stop must be closed all the same

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from incidentlog.client import quiet
from incidentlog.client.errors import BrokerUnreachable, TlsFailed
from incidentlog.client.kafka.admin import KafkaAdmin
from incidentlog.client.kafka.calls import REQUEST_MS, closed, reaching
from incidentlog.client.kafka.denials import Doing
from incidentlog.client.kafka.entering import refusal
from incidentlog.client.kafka.nodes import nodes
from incidentlog.client.kafka.producer import KafkaProducer
from incidentlog.client.kafka.reader import KafkaReader
from incidentlog.client.kafka.rights import KafkaRights
from incidentlog.client.ports import Node
from incidentlog.client.security import tls_problem

_BATCH_BYTES = 512 << 10


class KafkaBroker:
    """A Kafka cluster at `bootstrap` (`host:port`, several separated by commas).

    `security` goes to every connection as aiokafka's keywords: `security_protocol`, `ssl_context`, `sasl_mechanism` …
    """

    def __init__(self, bootstrap: str, security: Mapping[str, Any] | None = None) -> None:
        self.address = bootstrap
        self._options: dict[str, Any] = {"bootstrap_servers": bootstrap, **(security or {})}
        quiet.limit("aiokafka")

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[KafkaProducer]:
        """An idempotent producer, acks=all."""
        client = AIOKafkaProducer(
            **self._options, enable_idempotence=True, acks="all", max_batch_size=_BATCH_BYTES, request_timeout_ms=30_000
        )
        doing = Doing.by(self._options, "write")
        producer = KafkaProducer(client, self.address, doing)
        try:
            await self._start(client, doing)
            yield producer
        finally:
            await producer.close()

    @asynccontextmanager
    async def reader(self, *, committed: bool = True, chunk: int = 1 << 20) -> AsyncIterator[KafkaReader]:
        """A consumer in no group, positions its caller's own."""
        client = AIOKafkaConsumer(
            **self._options,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed" if committed else "read_uncommitted",
            max_partition_fetch_bytes=chunk,
            fetch_max_wait_ms=500,
            request_timeout_ms=REQUEST_MS,
        )
        try:
            await self._start(client)
            yield KafkaReader(client, self.address, Doing.by(self._options, "read"))
        finally:
            await closed(client.stop(), client._client)

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[KafkaAdmin]:
        """A connection for topics and groups."""
        client = AIOKafkaAdminClient(**self._options, request_timeout_ms=REQUEST_MS)
        try:
            await self._start(client)
            yield KafkaAdmin(client, self.address, self._options)
        finally:
            await client.close()

    @asynccontextmanager
    async def rights(self) -> AsyncIterator[KafkaRights]:
        """A connection for what an authorizer knows."""
        client = AIOKafkaAdminClient(**self._options, request_timeout_ms=REQUEST_MS)
        try:
            await self._start(client)
            yield KafkaRights(client._client, self.address, Doing.by(self._options, "look at or change the rights of"))
        finally:
            await client.close()

    async def nodes(self) -> list[Node]:
        """The brokers as they advertise themselves, which may be where no client reaches them."""
        async with self._telling():
            return await nodes(self.address, self._options)

    async def _start(self, client: Any, doing: Doing | None = None) -> None:
        async with self._telling():
            with reaching(self.address, doing or Doing.by(self._options, "use")):
                await client.start()

    @asynccontextmanager
    async def _telling(self) -> AsyncIterator[None]:
        """Where nobody can be reached, say so if that is for want of TLS, or because this program is not let in."""
        try:
            yield
        except BrokerUnreachable as error:
            if why := await tls_problem(self.address, self._options):
                raise TlsFailed(self.address, why) from error
            if (refused := await refusal(self.address, self._options)) is not None:
                raise refused from error
            raise
