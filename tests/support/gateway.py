"""A gateway on a broker in memory that holds what workers would have made of events."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from incidentlog.cli import sources
from incidentlog.client import MemoryBroker, Publisher
from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.gateway import server
from incidentlog.gateway.app import create_app
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.projections.project import project
from incidentlog.schemas import records
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply
from support.contracts import put

TOPICS = Topics(partitions=2)
Filed = list[tuple[Cell, Statement]]


@dataclass(frozen=True)
class Served:
    """An application that runs, a client that talks to it, and the broker behind it."""

    app: FastAPI
    client: httpx.AsyncClient
    broker: Broker
    topics: Topics

    @property
    def gateway(self) -> Gateway:
        gateway: Gateway = self.app.state.gateway
        return gateway

    async def until(self, holds: Callable[[], Any], seconds: float = 10.0) -> None:
        """Wait until something holds of what the gateway has."""
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - of several things that may change
                await asyncio.sleep(0.005)


def articles() -> list[Event]:
    """The events of the articles that ship."""
    material = sources.read((), builtin(), articles=True)
    assert not material.problems
    return [placed.event for placed in material.events]


async def fold(broker: Broker, topics: Topics, filed: Filed) -> None:
    """Append the statements, and the rows they come to, as workers would; rows that there are already, again."""
    byplace: dict[TopicPartition, list[tuple[str, bytes | None]]] = defaultdict(list)
    for cell, statement in filed:
        place = TopicPartition(topics.statements, partition_of(str(cell).encode(), topics.partitions))
        byplace[place].append((records.key(cell, statement), records.dump(statement)))
    for row in project(filed):
        place = TopicPartition(topics.rows(row.projection), partition_of(row.key.encode(), topics.partitions))
        byplace[place].append((row.key, encode_row(row)))
    for place, entries in byplace.items():
        await put(broker, place, *entries)


async def filled(events: Iterable[Event] | None = None, topics: Topics = TOPICS) -> MemoryBroker:
    """A broker with all topics, the events, and what they come to."""
    broker = MemoryBroker()
    await apply(broker, topics)
    listed = articles() if events is None else list(events)
    async with Publisher(broker, topics=topics) as publisher:
        for event in listed:
            await publisher.publish(event)
    await fold(broker, topics, [sources.statement_of(event) for event in listed])
    return broker


@asynccontextmanager
async def served(broker: Broker, topics: Topics = TOPICS, **settings: Any) -> AsyncIterator[Served]:
    """The application on a broker, with everything read."""
    app = create_app(GatewaySettings(prefix=topics.prefix, **settings), broker)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway") as client,
    ):
        here = Served(app, client, broker, topics)
        async with asyncio.timeout(20):
            await here.gateway.ready()
        yield here


@asynccontextmanager
async def listening(broker: Broker, topics: Topics = TOPICS, **settings: Any) -> AsyncIterator[tuple[Served, str]]:
    """The application on a port of its own, with everything read, and its address."""
    told = GatewaySettings(**{"bootstrap": broker.address, "prefix": topics.prefix, "port": 0, **settings})
    app = create_app(told, broker)
    listener = server.listening(told)
    ready: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()
    serving = asyncio.create_task(server.serve(app, listener, told, ready.put_nowait, stop))
    try:
        async with asyncio.timeout(30):
            url = await ready.get()
        async with httpx.AsyncClient(base_url=url) as client:
            yield Served(app, client, broker, topics), url
    finally:
        stop.set()
        await serving
