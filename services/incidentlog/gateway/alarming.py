"""Alarms: telling a webhook of dead letters, how many are open, why, and which numbers they may touch. Never what they hold."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import Any

import httpx
import orjson

from incidentlog.client.ports import TopicPartition
from incidentlog.gateway.delivery import Delivery, Pace
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.showing import moment
from incidentlog.gateway.webhooks import Hook, Secret
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.quarantine.standing import Standing

#: Of so many keys of a projection it is said which they are.
MOST_KEYS = 100


class Alarm:
    """Tells one hook of every change of what is open; changes that come together, or while it is away, as one.

    At least once, and with the same id each time: a message says how letters stand, and that follows from the log alone.
    """

    def __init__(self, gateway: Gateway, hook: Hook, secret: Secret, client: httpx.AsyncClient, pace: Pace) -> None:
        self._gateway, self._quarantine = gateway, gateway.quarantine
        self._delivery = Delivery(gateway.broker, gateway.topics.prefix, hook, secret, client, pace)
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Tell for ever, or until the hook says that it is gone for good."""
        self._quarantine.listeners.append(self._changed.set)
        try:
            await self._gateway.ready()
            pending = self._pending(await self._delivery.committed())
            while True:
                self._changed.clear()
                reached = self._reached()
                taken = await self._delivery.deliver(*self._message()) if pending else True
                if taken is None:
                    return
                pending = not taken
                if taken:
                    await self._delivery.record(reached)
                    pending = await self._waited()
        finally:
            self._quarantine.listeners.remove(self._changed.set)

    async def _waited(self) -> bool:
        """Wait for a change, and for those that come with it; whether there was one before progress must be kept anew."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._delivery.pace.again):
                await self._changed.wait()
            await asyncio.sleep(self._delivery.pace.together)
            return True
        return False

    def _pending(self, committed: dict[TopicPartition, int]) -> bool:
        """Whether something changed that it was not told of; one that is new is told if anything is open."""
        if not committed:
            return bool(self._quarantine.standing.open)
        return any(offset >= committed.get(place, 0) for place, offset in self._quarantine.last_changes.items())

    def _reached(self) -> dict[TopicPartition, int]:
        """Up to where everything is in what it is told."""
        followers = (self._quarantine, self._quarantine.marks)
        return {
            TopicPartition(each.topic, partition): offset
            for each in followers
            for partition, offset in enumerate(each.vector)
        }

    def _message(self) -> tuple[str, bytes]:
        """(id, body)."""
        standing, settings = self._quarantine.standing, self._gateway.settings
        body = orjson.dumps({
            "type": "dead_letters.changed",
            "timestamp": moment(self._quarantine.changed_at),
            "data": {"open": standing.open, "redriven": standing.done, "reasons": standing.reasons(), "touched": touched(standing)},
            "publisher": settings.publisher,
        })  # fmt: skip
        return f"msg_{hashlib.sha256(body).hexdigest()[:32]}", body


def touched(standing: Standing) -> dict[str, Any]:
    """The keys of the rows that open letters may touch, by projection; null where that may be any row, or very many."""
    keys = {projection: standing.keys(projection) for projection in PROJECTIONS if standing.touching(projection)}
    return {name: None if found is None or len(found) > MOST_KEYS else found for name, found in keys.items()}
