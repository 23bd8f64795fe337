"""A gateway's parts together: what it follows, and what it is told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker
from incidentlog.gateway.answers import Answers
from incidentlog.gateway.barrier import Barrier
from incidentlog.gateway.claims import Claims
from incidentlog.gateway.discretion import Affects, Discretion
from incidentlog.gateway.doubts import Doubts
from incidentlog.gateway.explaining import Explaining
from incidentlog.gateway.following import Follower
from incidentlog.gateway.limits import Streams
from incidentlog.gateway.mirror import Mirror
from incidentlog.gateway.quarantine import Quarantine
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.showing import Showing
from incidentlog.gateway.tracing import RowTraces
from incidentlog.gateway.views import View
from incidentlog.observing import tracing
from incidentlog.projections.precedence import with_more
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.topics import PROJECTIONS

#: How often to look whether the day is another.
_TURN = 20.0
#: For how long dead letters that come one after another are told together.
_DOUBTS = 0.1


class Gateway:
    """`async with Gateway(settings) as gateway:` follows everything; `gateway.answers(view)` answers.

    `broker` is for tests, which have theirs in memory; else it is the one at `settings.bootstrap`. Routes find it as
    `request.app.state.gateway`.
    """

    def __init__(
        self, settings: GatewaySettings, broker: Broker | None = None, registers: Registers | None = None
    ) -> None:
        self.settings = settings
        self.broker = broker or broker_at(settings.bootstrap)
        self.topics = settings.topics
        self.registers = registers or builtin()
        self.mirrors = {name: Mirror(self.broker, self.topics, name) for name in PROJECTIONS}
        self.claims = Claims(self.broker, self.topics)
        self.quarantine = Quarantine(self.broker, self.topics, self.registers)
        self.doubts = Doubts(self.quarantine)
        self.barrier = Barrier(self.broker, self.claims)
        for mirror in self.mirrors.values():
            mirror.before = self.barrier.passed
        self.discretion = Discretion(self.mirrors[ESTIMATES], self.claims, self.registers)
        self.precedence = with_more(filter(None, settings.host_first.split(",")))
        self.explaining = Explaining(self.claims, self.precedence)
        self.spans = tracing.current()
        self.streams = Streams(settings.streams)
        self._showings: dict[tuple[str, View], Showing] = {}
        self._stack = AsyncExitStack()
        self._doubting: asyncio.TimerHandle | None = None
        self.discretion.listeners.append(self._refresh)
        self.quarantine.listeners.append(self._doubt)

    @property
    def followers(self) -> list[Follower]:
        """Everything that follows the log."""
        return [*self.mirrors.values(), self.claims, self.quarantine]

    @property
    def complete(self) -> bool:
        """Whether everything was read to its end once. From then on there is an answer, if perhaps not the newest."""
        return all(each.caught_up for each in self.followers)

    async def ready(self) -> None:
        """Wait until it is complete."""
        await asyncio.gather(*(each.ready() for each in self.followers))
        for projection in self.mirrors:  # before anyone waits for it: it takes a while where there are very many rows
            self.showing(projection, "public")
            await asyncio.sleep(0)

    def answers(self, view: View) -> Answers:
        """What may be shown in a view."""
        return Answers(self, view)

    def showing(self, projection: str, view: View) -> Showing:
        """The rows of a projection in a view, from the first time on that somebody asks for them."""
        found = self._showings.get((projection, view))
        if found is None:
            self.discretion.turn()
            shows = dict if view == "full" else self.discretion.row
            found = Showing(self.mirrors[projection], shows, self.settings.coalesce)
            found.traces = RowTraces(self.spans) if self.spans is not None else None
            self._showings[projection, view] = found
        return found

    def _refresh(self, affects: Affects | None) -> None:
        """Look again at what the public is shown, as far as it may be affected: there may be very many estimates."""
        for (projection, view), showing in self._showings.items():
            if view == "full" or (affects is not None and projection == OFFICIAL_ACTIONS):
                continue
            chosen = None if affects is None or projection != ESTIMATES else list(filter(affects, showing.mirror.held))
            showing.refresh(chosen)

    def _doubt(self) -> None:
        """Have readers be sent how many dead letters there are now, of many that come together once."""
        if self._doubting is None:
            self._doubting = asyncio.get_running_loop().call_later(_DOUBTS, self._wake)

    def _wake(self) -> None:
        self._doubting = None
        for showing in self._showings.values():
            showing.beat()

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(_TURN)
            self.discretion.turn()

    async def _beat(self) -> None:
        """Have readers be sent a sign of life: one clock for all of them."""
        while True:
            await asyncio.sleep(self.settings.heartbeat)
            self._wake()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.barrier.close)
            group = await stack.enter_async_context(asyncio.TaskGroup())
            tasks = [group.create_task(each.run()) for each in self.followers]
            tasks += [group.create_task(self._turn()), group.create_task(self._beat())]
            for task in tasks:
                stack.callback(task.cancel)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
