"""Telling webhooks: each in a task of its own, so that one that is slow or away holds nobody else up.

At least once: how far a hook was told is the committed offsets of a consumer group of its own, so that a gateway that was
away tells what changed meanwhile. A message's id comes from what it says, so that one that arrives twice is known as such.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx
import orjson

from incidentlog.client.ports import TopicPartition
from incidentlog.gateway import citing
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.showing import VERSION, Showing
from incidentlog.gateway.webhooks import Hook, Secret
from incidentlog.schemas.errors import IncidentlogError

_GONE = 410
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: for one message, from the first repetition on (then twice as long each time) up to the longest pause, and
    after which progress is recorded anew though nothing changed, since Kafka forgets it after a week."""

    timeout: float = 15.0
    first: float = 1.0
    longest: float = 300.0
    again: float = 6 * 3600.0

    def pause(self, failures: int) -> float:
        """How long to wait after so many failures in a row; never the same for all."""
        whole = min(self.longest, self.first * 2.0 ** min(failures, 30))
        return whole * random.uniform(0.5, 1)  # noqa: S311 - no secret


class Notifier:
    """Tells one hook of the numbers that it wants to hear of. What changes again before it was told is told once."""

    def __init__(self, gateway: Gateway, hook: Hook, secret: Secret, client: httpx.AsyncClient, pace: Pace) -> None:
        self._gateway, self._hook, self._secret, self._client, self._pace = gateway, hook, secret, client, pace
        self._group = f"{gateway.topics.prefix}-webhook-{hook.id}"
        self._pending: dict[str, None] = {}
        self._cursor = 0
        self._reached: dict[TopicPartition, int] = {}
        self._failures = 0

    async def run(self) -> None:
        """Tell for ever, or until the hook says that it is gone for good."""
        await self._gateway.ready()
        showing = self._gateway.showing(self._hook.projection, self._hook.view)
        await self._resume(showing)
        while True:
            while self._pending:
                if not await self._tell_next(showing):
                    _log.warning(
                        "webhook %s is gone (410): it hears no more until the gateway starts again", self._hook.host
                    )
                    return
                self._take(showing)
            await self._record()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.again):
                    await showing.changed(self._cursor)
            self._take(showing)

    async def _resume(self, showing: Showing) -> None:
        """What it was not told of yet: nothing if it is new, everything if another version became live meanwhile."""
        committed = await self._committed()
        self._cursor, self._reached = showing.sequence, _reached(showing)
        if not committed:
            return
        known = {each.partition: offset for each, offset in committed.items() if each.topic == showing.mirror.topic}
        held = showing.mirror.held.values()
        self._want(
            each.key for each in held if each.offset >= known.get(each.partition, 0) and not showing.hidden(each.key)
        )

    async def _committed(self) -> dict[TopicPartition, int]:
        while True:
            try:
                async with self._gateway.broker.admin() as admin:
                    return await admin.committed(self._group)
            except (IncidentlogError, OSError) as error:
                await self._failed(f"cannot learn how far it was told: {error}", None)

    async def _record(self) -> None:
        """Keep how far it was told. If that cannot be done now, it is told of some things again at worst."""
        try:
            async with self._gateway.broker.admin() as admin:
                await admin.commit(self._group, self._reached)
        except (IncidentlogError, OSError) as error:
            _log.warning("webhook %s: cannot keep how far it was told: %s", self._hook.host, error)

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
        status, wait = await self._send(*self._message(showing, key))
        if status == _GONE:
            return False
        if 200 <= status < 300:
            self._failures = 0
            return True
        self._pending[key] = None
        await self._failed(f"answered {status}" if status else "did not answer", wait)
        return True

    def _message(self, showing: Showing, key: str) -> tuple[str, bytes]:
        """(id, body). The same number makes the same message, whenever it is sent."""
        data, settings = showing.data(key), self._gateway.settings
        row = {"projection": self._hook.projection, "key": key} if data is None else orjson.loads(data)
        told = {
            "type": "number.gone" if data is None else "number.changed",
            "data": row,
            "address": citing.address(settings, self._hook.projection, key),
            "publisher": settings.publisher,
            "licence": settings.licence,
            "codebook": citing.codebook(settings),
        }
        if "recorded" in row:
            told["timestamp"] = row["recorded"]
        body = orjson.dumps(told)
        return f"msg_{hashlib.sha256(body).hexdigest()[:32]}", body

    async def _send(self, message: str, body: bytes) -> tuple[int, float | None]:
        """The status it was answered with, 0 if it was not, and how long it asks to be left alone."""
        headers = self._secret.headers(message, int(time.time()), body)
        try:
            async with asyncio.timeout(self._pace.timeout):
                async with self._client.stream("POST", self._hook.url, content=body, headers=headers) as answer:
                    wait = answer.headers.get("retry-after", "")
                    return answer.status_code, float(wait) if wait.isdecimal() else None
        except (httpx.HTTPError, OSError, TimeoutError):
            return 0, None

    async def _failed(self, what: str, wait: float | None) -> None:
        if not self._failures:  # once, not at every attempt
            _log.warning("webhook %s %s; it is tried again until it takes what it is told", self._hook.host, what)
        pause = self._pace.pause(self._failures)
        self._failures += 1
        await asyncio.sleep(max(pause, min(wait or 0.0, self._pace.longest)))


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
                Notifier(self._gateway, hook, secret, self._client, self._pace) for hook, secret in self._hooks
            ]
            self._tasks = [asyncio.create_task(_guarded(each)) for each in notifiers]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()


async def _guarded(notifier: Notifier) -> None:
    try:
        await notifier.run()
    except Exception:  # noqa: BLE001 - a fault of ours must not end what others are served
        _log.exception("a webhook hears no more until the gateway starts again")


def _reached(showing: Showing) -> dict[TopicPartition, int]:
    """Up to where everything is in the showing."""
    mirror = showing.mirror
    return {TopicPartition(mirror.topic, partition): offset for partition, offset in enumerate(mirror.vector)}
