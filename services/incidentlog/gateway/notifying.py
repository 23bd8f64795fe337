"""Telling webhooks: each in a task of its own, so that one that is slow or away holds nobody else up.

At least once: how far a hook was told is the committed offsets of a consumer group of its own, so that a gateway that was
away tells what changed meanwhile. A message's id comes from what it says, so that one that arrives twice is known as such.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx
import orjson

from incidentlog.client.background import cancel
from incidentlog.client.ports import TopicPartition
from incidentlog.gateway import citing
from incidentlog.gateway.alarming import Alarm
from incidentlog.gateway.delivery import Delivery, Pace
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.showing import VERSION, Showing
from incidentlog.gateway.webhooks import Hook, Secret

_log = logging.getLogger(__name__)


class Notifier:
    """Tells one hook of the numbers that it wants to hear of. What changes again before it was told is told once."""

    def __init__(self, gateway: Gateway, hook: Hook, secret: Secret, client: httpx.AsyncClient, pace: Pace) -> None:
        self._gateway, self._hook = gateway, hook
        self._delivery = Delivery(gateway.broker, gateway.topics.prefix, hook, secret, client, pace)
        self._pending: dict[str, None] = {}
        self._cursor = 0
        self._reached: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        """Tell for ever, or until the hook says that it is gone for good."""
        await self._gateway.ready()
        showing = self._gateway.showing(self._hook.projection or "", self._hook.view)
        await self._resume(showing)
        while True:
            while self._pending:
                if not await self._tell_next(showing):
                    return
                self._take(showing)
            await self._delivery.record(self._reached)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._delivery.pace.again):
                    await showing.changed(self._cursor)
            self._take(showing)

    async def _resume(self, showing: Showing) -> None:
        """What it was not told of yet: nothing if it is new, everything if another version became live meanwhile."""
        committed = await self._delivery.committed()
        self._cursor, self._reached = showing.sequence, _reached(showing)
        if not committed:
            return
        known = {each.partition: offset for each, offset in committed.items() if each.topic == showing.mirror.topic}
        held = showing.mirror.held.values()
        self._want(
            each.key for each in held if each.offset >= known.get(each.partition, 0) and not showing.hidden(each.key)
        )

    def _take(self, showing: Showing) -> None:
        """Note what changed since it was looked at last; all of one moment."""
        self._want(frame.key for frame in showing.since(self._cursor) if frame.key != VERSION)
        self._cursor, self._reached = showing.sequence, _reached(showing)

    def _want(self, keys: Iterable[str]) -> None:
        self._pending.update(dict.fromkeys(key for key in keys if self._hook.wants(key)))

    async def _tell_next(self, showing: Showing) -> bool:
        """Try to tell one number; False if the hook is gone for good. One that fails lets the others go first."""
        key = next(iter(self._pending))
        del self._pending[key]
        taken = await self._delivery.deliver(*self._message(showing, key))
        if taken is False:
            self._pending[key] = None
        return taken is not None

    def _message(self, showing: Showing, key: str) -> tuple[str, bytes]:
        """(id, body). The same number makes the same message, whenever it is sent."""
        data, settings = showing.data(key), self._gateway.settings
        row = {"projection": showing.mirror.projection, "key": key} if data is None else orjson.loads(data)
        told = {
            "type": "number.gone" if data is None else "number.changed",
            "data": row,
            "address": citing.address(settings, showing.mirror.projection, key),
            "publisher": settings.publisher,
            "licence": settings.licence,
            "codebook": citing.codebook(settings),
        }
        if "recorded" in row:
            told["timestamp"] = row["recorded"]
        body = orjson.dumps(told)
        return f"msg_{hashlib.sha256(body).hexdigest()[:32]}", body


class Webhooks:
    """All webhooks of a gateway, for as long as it is open."""

    def __init__(self, gateway: Gateway, hooks: Iterable[tuple[Hook, Secret]], pace: Pace | None = None) -> None:
        self._gateway, self._hooks, self._pace = gateway, list(hooks), pace or Pace()
        self._client: httpx.AsyncClient | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        if self._hooks:
            # No proxies from the environment, no redirects: messages go where the operator said, or nowhere.
            self._client = httpx.AsyncClient(timeout=self._pace.timeout, trust_env=False, follow_redirects=False)
            notifiers = [
                (Alarm if hook.dead_letters else Notifier)(self._gateway, hook, secret, self._client, self._pace)
                for hook, secret in self._hooks
            ]
            self._tasks = [asyncio.create_task(_guarded(each)) for each in notifiers]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await cancel(*self._tasks)
        if self._client is not None:
            await self._client.aclose()


async def _guarded(notifier: Notifier | Alarm) -> None:
    try:
        await notifier.run()
    except Exception:  # noqa: BLE001 - a fault of ours must not end what others are served
        _log.exception("a webhook hears no more until the gateway starts again")


def _reached(showing: Showing) -> dict[TopicPartition, int]:
    """Up to where everything is in the showing."""
    mirror = showing.mirror
    return {TopicPartition(mirror.topic, partition): offset for partition, offset in enumerate(mirror.vector)}
