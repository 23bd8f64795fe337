"""An app that only takes events in, and stock CloudEvents software as its client."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import httpx
import orjson
from cloudevents.core.bindings.http import HTTPMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from fastapi import FastAPI

from incidentlog.client.ports import Broker
from incidentlog.gateway import openapi, problems, write
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.tokens import Tokens, new_token
from incidentlog.gateway.writer import Folded, Writer
from incidentlog.schemas.codec import encode
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import Topics

PUBLISHER, PUBLISHER_LINE = new_token(["publish"])
READER, READER_LINE = new_token(["read:full"])
REVIEWER, REVIEWER_LINE = new_token(["review"], "desk")
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


@asynccontextmanager
async def app_of(broker: Broker, topics: Topics | None = None, *, folded: Folded | None = None, patience: float = 5.0, **settings: Any) -> AsyncIterator[FastAPI]:  # fmt: skip
    """The app, open."""
    app = FastAPI(title="test")
    problems.install(app)
    openapi.install(app)
    app.include_router(write.router)
    app.state.gateway = SimpleNamespace(settings=GatewaySettings(**settings))
    app.state.tokens = Tokens.parse(f"{PUBLISHER_LINE}\n{READER_LINE}")
    async with Writer(broker, topics or Topics(), builtin(), folded, patience=patience) as writer:
        app.state.writer = writer
        yield app


def client_of(app: FastAPI, token: str | None = PUBLISHER) -> httpx.AsyncClient:
    """A client with a token."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


def sdk_event(event: Event) -> CloudEvent:
    """The event as stock software has it."""
    envelope = orjson.loads(encode(event))
    data = envelope.pop("data")
    return CloudEvent(envelope | {"time": datetime.fromisoformat(envelope["time"])}, data)


def structured(event: Event) -> HTTPMessage:
    """What stock software sends in structured mode."""
    return cast("HTTPMessage", to_structured(sdk_event(event), JSONFormat()))


def binary(event: Event) -> HTTPMessage:
    """What stock software sends in binary mode."""
    return cast("HTTPMessage", to_binary(sdk_event(event), JSONFormat()))


async def send(client: httpx.AsyncClient, message: HTTPMessage, **query: str) -> httpx.Response:
    """Post what stock software made."""
    return await client.post("/events", content=message.body, headers=message.headers, params=query)


async def send_batch(client: httpx.AsyncClient, *events: Event | Mapping[str, Any], **query: str) -> httpx.Response:
    """Post events together; a mapping goes as it is."""
    told = [orjson.loads(encode(each)) if isinstance(each, Event) else each for each in events]
    return await client.post("/events", content=orjson.dumps(told), headers={"content-type": BATCH}, params=query)


SHEET = f"""\
article: {{sha256: {hashlib.sha256(b"an article").hexdigest()}}}
published: 2022-09-22
said_on: 2022-09-22
authority: VN-MOFA
in: KHM
statements:
  - {{ref: T-01, reports: rescued, of: Vietnamese, quantity: more than 1000, until: 2022-09-21, note: The ministry gave a total.}}
  - {{ref: T-02, did: BriefingHeld, on: 2022-09-22, in: VN-HN}}
"""
