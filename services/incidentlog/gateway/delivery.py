"""Delivering to one webhook: signed, tried again until it is taken, and how far it was told kept by the log."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.gateway.webhooks import Hook, Secret
from incidentlog.schemas.errors import IncidentlogError

_GONE = 410
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: for one message, from the first repetition on (then twice as long each time) up to the longest pause, and
    after which progress is recorded anew though nothing changed, since Kafka forgets it after a week; `together` is for how long
    dead letters that come one after another are told as one change."""

    timeout: float = 15.0
    first: float = 1.0
    longest: float = 300.0
    again: float = 6 * 3600.0
    together: float = 1.0

    def pause(self, failures: int) -> float:
        """How long to wait after so many failures in a row; never the same for all."""
        whole = min(self.longest, self.first * 2.0 ** min(failures, 30))
        return whole * random.uniform(0.5, 1)  # noqa: S311 - no secret


class Delivery:
    """What is told to one hook, for a consumer group of its own."""

    def __init__(
        self, broker: Broker, prefix: str, hook: Hook, secret: Secret, client: httpx.AsyncClient, pace: Pace
    ) -> None:
        self._broker, self._hook, self._secret, self._client, self.pace = broker, hook, secret, client, pace
        self._group = f"{prefix}-webhook-{hook.id}"
        self._failures = 0

    async def deliver(self, message: str, body: bytes) -> bool | None:
        """Try to tell something: whether it was taken; None if the hook is gone for good. After a failure it has waited."""
        status, wait = await self.send(message, body)
        if status == _GONE:
            _log.warning("webhook %s is gone (410): it hears no more until the gateway starts again", self._hook.host)
            return None
        if 200 <= status < 300:
            self._failures = 0
            return True
        await self.failed(f"answered {status}" if status else "did not answer", wait)
        return False

    async def committed(self) -> dict[TopicPartition, int]:
        """How far it was told, once that can be learned; nothing if it is new."""
        while True:
            try:
                async with self._broker.admin() as admin:
                    return await admin.committed(self._group)
            except (IncidentlogError, OSError) as error:
                await self.failed(f"cannot learn how far it was told: {error}", None)

    async def record(self, reached: Mapping[TopicPartition, int]) -> None:
        """Keep how far it was told. If that cannot be done now, it is told of some things again at worst."""
        try:
            async with self._broker.admin() as admin:
                await admin.commit(self._group, reached)
        except (IncidentlogError, OSError) as error:
            _log.warning("webhook %s: cannot keep how far it was told: %s", self._hook.host, error)

    async def send(self, message: str, body: bytes) -> tuple[int, float | None]:
        """The status it was answered with, 0 if it was not, and how long it asks to be left alone."""
        headers = self._secret.headers(message, int(time.time()), body)
        try:
            async with asyncio.timeout(self.pace.timeout):
                async with self._client.stream("POST", self._hook.url, content=body, headers=headers) as answer:
                    wait = answer.headers.get("retry-after", "")
                    return answer.status_code, float(wait) if wait.isdecimal() else None
        except (httpx.HTTPError, OSError, TimeoutError):
            return 0, None

    async def failed(self, what: str, wait: float | None) -> None:
        """Wait before it is tried again, longer each time."""
        if not self._failures:  # once, not at every attempt
            _log.warning("webhook %s %s; it is tried again until it takes what it is told", self._hook.host, what)
        pause = self.pace.pause(self._failures)
        self._failures += 1
        await asyncio.sleep(max(pause, min(wait or 0.0, self.pace.longest)))
