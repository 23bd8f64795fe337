"""What stands in for the Faust app: Faust's own code for acknowledging, committing and rebalancing, on a simulated broker.

`Consumer` is the product's (`incidentlog.worker.engine`), with all it inherits, but for where it asks the broker. Simulated
are the services around it: fetching, queues, the stream that a stage iterates over, and the member of the group.
"""

# mypy: disable-error-code="misc"
# The classes of Faust are Any to the type checker.
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import SimpleNamespace
from typing import Any

from faust.app.base import App as FaustApp
from faust.tables.recovery import Recovery
from faust.types.tuples import TP
from mode.utils.queues import FlowControlEvent, ThrowableQueue

from incidentlog.worker.draining import Draining
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.tally import Tally
from simulation.broker import Broker
from simulation.consumer import Consumer
from simulation.network import here
from simulation.streams import Event, Stream
from simulation.stubs import Bystanders, Quiet, Signal


class App:
    """A member of the group and its streams; made by the worker, in the process that it runs in."""

    broker: Broker
    client_only = in_transaction = False
    _on_partitions_revoked = FaustApp._on_partitions_revoked
    _on_partitions_assigned = FaustApp._on_partitions_assigned
    _update_assignment = FaustApp._update_assignment
    _stop_consumer = FaustApp._stop_consumer
    _consumer_wait_empty = FaustApp._consumer_wait_empty

    def __init__(self, settings: WorkerSettings) -> None:
        self.process = here()
        self.loop, self.log = self.broker.loop, Quiet()
        self.failing = self.should_stop = False
        self.crash_reason: BaseException | None = None
        self.conf = SimpleNamespace(broker_session_timeout=10.0, broker_request_timeout=30.0, stream_wait_empty=True)
        self.on_rebalance_complete, self.on_partitions_assigned = Signal(), Signal()
        self.on_partitions_revoked, self.on_before_shutdown = Signal(), Signal()
        self.flow_control = FlowControlEvent()
        self.consumer_generation_id = 0
        self.marks: dict[str, str] = {}
        self.draining = Draining()
        self.tally = Tally(settings.topics)
        self._assignment: set[TP] | None = None
        self._queues: dict[str, ThrowableQueue[Any]] = {}
        self._agents: list[Callable[[], Awaitable[None]]] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self._rejoin = asyncio.Event()
        self._stopped = asyncio.get_running_loop().create_future()
        self._consumer = self.consumer = Consumer(self)
        self.process.on_death.append(self.consumer.give_up)
        self._fetcher = SimpleNamespace(maybe_start=self._start_fetching)
        self._fetching: asyncio.Task[None] | None = None
        around = Bystanders()
        self.agents = self.topics = self.sensors = self.monitor = self.producer = self._attachments = around
        self._producer_flush, self._start_span_from_rebalancing = around.later, around.span
        self.on_rebalance_return = self.on_rebalance_end = around.nothing
        self.tables = Tables(self)

    def topic(self, *names: str, **_: Any) -> tuple[str, ...]:
        return names

    def agent(self, names: tuple[str, ...], **_: Any) -> Callable[[Callable[[Any], Awaitable[None]]], None]:
        queue: ThrowableQueue[Any] = ThrowableQueue(
            maxsize=self.broker.queue, flow_control=self.flow_control, clear_on_resume=True
        )
        self._queues |= dict.fromkeys(names, queue)

        def register(run: Callable[[Any], Awaitable[None]]) -> None:
            self._agents.append(lambda: run(Stream(self, queue)))

        return register

    async def start(self) -> None:
        for run in (self._be_member, self.tables.recover_forever, self.consumer.commit_forever, *self._agents):
            self._watch(asyncio.ensure_future(run()))

    async def wait_until_stopped(self) -> None:
        await asyncio.shield(self._stopped)

    async def stop(self) -> None:
        self.should_stop = True
        await self._stop_consumer()
        await self.on_before_shutdown.send()
        await self.consumer.wait_empty()
        for task in self._tasks:
            task.cancel()
        await self.broker.network.request(self.broker.group.leave, self.process)
        if not self._stopped.done():
            self._stopped.set_result(None)

    async def crash(self, reason: BaseException) -> None:
        self.crash_soon(reason)

    def crash_soon(self, reason: BaseException) -> None:
        self.crash_reason, self.consumer.crashed = reason, True
        if not self._stopped.done():
            self._stopped.set_result(None)

    def _watch(self, task: asyncio.Task[None]) -> None:
        """A service that fails brings the app down."""
        self._tasks.append(task)

        def done(_: Any) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                self.crash_soon(error)

        task.add_done_callback(done)

    def deliver_at_once(self, message: Any) -> bool:
        """Into the queue of its stream, if there is room and the flow is not suspended; whether there was."""
        queue = self._queues[message.topic]
        if queue.full() or not self.flow_control.is_active():
            return False
        queue.put_nowait(Event(message, self.consumer))
        return True

    async def deliver(self, message: Any) -> None:
        """As Faust's conductor does: a full queue is waited for in a task of its own."""
        await self.flow_control.acquire()
        if not self.deliver_at_once(message):
            await asyncio.wait([asyncio.ensure_future(self._queues[message.topic].put(Event(message, self.consumer)))])

    async def _be_member(self) -> None:
        group, network = self.broker.group, self.broker.network
        while True:
            self._rejoin.clear()
            generation, numbers = await network.request(group.join, self.process, self._rebalance)
            assigned = self.consumer.assign(generation, numbers)
            self.consumer_generation_id = generation
            await self.consumer.on_partitions_assigned(assigned, generation)
            await self._rejoin.wait()
            await self.consumer.on_partitions_revoked(assigned)

    def _rebalance(self, generation: int) -> None:
        if self.consumer_generation_id <= generation:
            self._rejoin.set()

    async def _start_fetching(self) -> None:
        if self._fetching is None:
            self._fetching = asyncio.ensure_future(self.consumer.fetch_forever())
            self._watch(self._fetching)

    async def _stop_fetcher(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
            self._fetching = None


class Tables(Bystanders):
    """There are none: after a rebalance, Faust's recovery tells the worker, seeks to the committed offsets and lets events flow."""

    _resume_streams = Recovery._resume_streams
    _is_changelog_tp = Recovery._is_changelog_tp

    def __init__(self, app: App) -> None:
        self.app, self.log, self.tables = app, app.log, self
        self.completed = asyncio.Event()
        self._due = asyncio.Event()
        self._generation = 0

    async def on_rebalance(self, *told: Any) -> None:
        generation_id = told[-1]
        if generation_id == self.app.consumer_generation_id:
            self._generation = generation_id
            self._due.set()

    async def recover_forever(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            await self._resume_streams(generation_id=self._generation)

    async def _wait(self, what: Coroutine[Any, Any, Any], **_: Any) -> None:
        await what
