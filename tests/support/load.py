"""Load as users make it: a publisher that validates, a subscriber that follows, a worker that somebody restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from incidentlog.client import Publisher, Receipt, Subscriber
from incidentlog.schemas.codec import decode
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.worker import WorkerProcess
from support.generate import OFFICES, Produced
from support.stack import Stack


class Supervised:
    """A worker under a supervisor that starts it again when it ends by itself, as any operator has one."""

    def __init__(self, stack: Stack, **settings: Any) -> None:
        self.worker = WorkerProcess(
            stack.settings(**{"instance": "a", "session_timeout": 6.0, "patience": 60.0, **settings})
        )
        self.restarts = 0
        self.said: list[str] = []
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.worker.start()
        self._watching = asyncio.create_task(self._watch())
        await self.worker.ready()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._watching is not None
        self._watching.cancel()
        await asyncio.wait([self._watching])
        await self.worker.stop()
        if kind is not None:
            print(f"{self.restarts} restarts, owned {self.worker.owned}; it said")
            print(*self.said, await self.worker.messages(), sep="\n--\n")

    async def _watch(self) -> None:
        while True:
            await self.worker.ended()
            self.said.append(await self.worker.messages())
            await self.worker.stop()
            self.worker = WorkerProcess(self.worker.settings)
            self.restarts += 1
            await self.worker.start()


class Publishing:
    """Events on their way through a Publisher; `acknowledged` are those it has a receipt for."""

    def __init__(self, stack: Stack, events: Sequence[Produced], **options: Any) -> None:
        self._stack, self._options = stack, options
        self._produced = {event.id: produced for event, produced in ((decode(each.value), each) for each in events)}
        self._events = [decode(each.value) for each in events]
        self.acknowledged: list[Produced] = []

    @property
    def unsure(self) -> list[Produced]:
        """Events without a receipt."""
        done = {decode(each.value).id for each in self.acknowledged}
        return [each for event_id, each in self._produced.items() if event_id not in done]

    async def run(self, pause: float = 0.0) -> None:
        """Publish them all, with a pause after each hundred; raises what the publisher raises."""
        options = {"topics": self._stack.topics, "registers": registers_of_load(), "known": False, **self._options}
        async with Publisher(self._stack.bootstrap, **options) as publisher:
            await publisher.publish_all(self._spread(pause), each=self._told)

    async def _spread(self, pause: float) -> AsyncIterator[Event]:
        for number, event in enumerate(self._events):
            yield event
            if pause and number % 100 == 99:
                await asyncio.sleep(pause)

    def _told(self, receipt: Receipt) -> None:
        self.acknowledged.append(self._produced[receipt.event_id])


def registers_of_load() -> Registers:
    """Those that ship, and the offices of generated events."""
    known = builtin()
    offices = [
        {"id": name, "label": name, "standing": standing} | ({"country": country} if country else {})
        for name, standing, country in OFFICES
        if name not in known.authorities
    ]
    return known.extended({"authorities": offices})


@asynccontextmanager
async def followed(stack: Stack, projection: str = "rescued-by-nationality") -> AsyncIterator[dict[str, Any]]:
    """The rows of a projection as a subscriber keeps them, through whatever happens."""
    rows: dict[str, Any] = {}

    async def follow(subscriber: Subscriber) -> None:
        async for change in subscriber:
            rows[change.key] = change.row

    async with Subscriber(stack.bootstrap, projection, topics=stack.topics) as subscriber:
        following = asyncio.create_task(follow(subscriber))
        try:
            yield rows
        finally:
            following.cancel()
            await asyncio.wait([following])
