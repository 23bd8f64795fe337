"""What `demo` and `up` run on this machine: a broker, the topics, workers and a gateway, stopped in reverse."""

from __future__ import annotations

import asyncio
import shlex
import socket
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from incidentlog.cli.errors import GatewayLate, WorkerDied, WorkerExtraMissing, WorkerLate
from incidentlog.cli.options import host_first
from incidentlog.client import security
from incidentlog.client.background import cancel
from incidentlog.client.connect import broker_as
from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.live import live_topics
from incidentlog.gateway.errors import GatewayStopped
from incidentlog.gateway.process import GatewayProcess
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.local import Broker, Progress
from incidentlog.local.secured import ADMINISTRATOR
from incidentlog.schemas.access import ROLES, grants
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply, grant
from incidentlog.worker import WorkerProcess, WorkerSettings
from incidentlog.worker.errors import WorkerStopped
from incidentlog.worker.keeper import Keeper

HOST = "127.0.0.1"
#: How long workers wait for the broker: the first time, its jars have to be fetched.
PATIENCE = 600.0
READY_SECONDS = 60.0
WORKER_SECONDS, BLAME_SECONDS, EXCUSE_SECONDS = 15.0, 1.0, 1.5


class Stack:
    """`async with Stack(…) as stack:` all of it answers at `stack.bootstrap` and folds.

    `data` None keeps nothing. `port` 0 takes a free one; so do `gateway_port`, None is no gateway, and `metrics_port`, -1 serves
    none. If `secure`, everyone has to say who they are, and each service may do no more than its role. `laps` tells what took
    how long.
    """

    def __init__(
        self,
        data: Path | None,
        port: int,
        topics: Topics,
        workers: int,
        progress: Progress,
        registers: Registers | None = None,
        gateway_port: int | None = None,
        register_files: Sequence[str] = (),
        metrics_port: int = -1,
        *,
        secure: bool = False,
    ) -> None:
        if not installed("faust"):
            raise WorkerExtraMissing
        security.forget()  # it is said of another broker than the one that starts here
        self.port = port or free_port()
        self.bootstrap = f"{HOST}:{self.port}"
        self.topics = topics
        self._progress = progress
        self._laps: list[tuple[str, float]] = []
        self.broker = Broker(data, self.port, progress=progress, users=tuple(ROLES) if secure else ())
        self._kept, self._secure = data is not None, secure
        first = host_first(registers or builtin())
        settings = WorkerSettings(self.bootstrap, topics.prefix, topics.version, patience=PATIENCE, host_first=first)
        # The broker is this stack's alone, so are the names; with them a worker goes on at once after a kill.
        self._settings = replace(settings, instance="up", metrics_port=metrics_port)
        self._metrics = ExitStack()
        self.metrics = ""
        """Where the workers' metrics and health are, if they are served."""
        self._count = workers
        self._keeper: Keeper | None = None
        self._keeping: asyncio.Task[NoReturn] | None = None
        self._workers: list[WorkerProcess] = []
        self._gateway: GatewayProcess | None = None
        self._gateway_settings: GatewaySettings | None = None
        if gateway_port is not None and installed("fastapi"):
            told = GatewaySettings.from_environment(
                bootstrap=self.bootstrap,
                prefix=topics.prefix,
                port=gateway_port,
                host_first=first,
                registers=",".join(register_files),
            )
            self._gateway_settings = told

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop(hurry=True)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop(hurry=isinstance(error, Exception))

    async def run(self, work: Coroutine[Any, Any, object]) -> None:
        """Do some work as long as the stack runs."""
        working, broken = asyncio.create_task(work), asyncio.create_task(self.broken())
        try:
            done, _ = await asyncio.wait([working, broken], return_when=asyncio.FIRST_COMPLETED)
            # A broken stack explains whatever else went wrong.
            await (broken if broken in done else working)
        finally:
            await cancel(working, broken)

    async def page(self) -> str:
        """The address of the gateway, once it answers; empty if there is none."""
        if self._gateway is None:
            return ""
        try:
            await self._gateway.ready(READY_SECONDS)
        except TimeoutError as error:
            raise GatewayLate(READY_SECONDS) from error
        return self._gateway.url

    def variables(self, role: str) -> dict[str, str]:
        """What the environment of a program says that connects in a role; nothing where nobody asks."""
        secured = self.broker.secured
        return secured.variables(role, self.bootstrap) if secured else {}

    def entering(self, role: str) -> str:
        """What to type in a shell that is to connect in a role; nothing where nobody asks."""
        secured = self.broker.secured
        return f". {shlex.quote(str(secured.environment(role)))}" if secured else ""

    def connected(self, role: str) -> KafkaBroker:
        """The broker, for this program in a role."""
        return broker_as(self.bootstrap, self.variables(role))

    def lap(self, name: str) -> None:
        """Note that a step is done."""
        self._laps.append((name, time.monotonic()))

    def laps(self) -> list[tuple[str, float]]:
        """What was done, and how many seconds each step took after the one before."""
        moments = [moment for _, moment in self._laps]
        return [(name, moment - before) for (name, moment), before in zip(self._laps[1:], moments, strict=False)]

    async def broken(self) -> NoReturn:
        """Raise what tells why, as soon as the broker or a worker ends under us."""
        closed = asyncio.create_task(self.broker.wait_closed())
        ended = [asyncio.create_task(_ended(worker)) for worker in self._workers]
        ended += [asyncio.create_task(_kept(self._keeping))] if self._keeping else []
        ended += [asyncio.create_task(_stopped(self._gateway))] if self._gateway and self._gateway.started else []
        try:
            await asyncio.wait([closed, *ended], return_when=asyncio.FIRST_COMPLETED)
            # A broker that dies takes the workers along: it is the cause worth telling.
            await asyncio.wait([closed], timeout=BLAME_SECONDS)
            for task in (closed, *ended):
                if task.done():
                    task.result()
            raise AssertionError("nothing ends without an error")
        finally:
            await cancel(closed, *ended)

    async def _start(self) -> None:
        self.lap("start")
        early = not self._kept and not self._secure
        if early:  # nothing was promoted: workers need not wait to be told of which version they are
            await self._start_workers()
        await self.broker.start()
        self.lap("broker")
        self._progress("Creating topics", 0, 1)
        await self._prepare()
        self.lap("topics")
        if self._kept and self._count:
            self._keeper = Keeper(self._settings, self._count, self.variables("worker"))
            self._serve_metrics(self._keeper)
            self._keeping = asyncio.create_task(self._keeper.run())
        elif not early:
            await self._start_workers()
        self._progress("Waiting for the workers", 0, 1)
        await self.run(self._ready())
        self.lap("worker")
        await self._start_gateway()  # last: numbers are shown here as well, and need not wait for it

    async def _start_gateway(self) -> None:
        told = self._gateway_settings
        if told is not None:
            role = "gateway-publishing" if told.tokens or told.tokens_file else "gateway"
            self._gateway = GatewayProcess(told, self.variables(role))
            await self._gateway.start()

    def _serve_metrics(self, keeper: Keeper) -> None:
        if self._settings.metrics_port >= 0:
            from incidentlog.observing.serving import Endpoint  # noqa: PLC0415 - takes a moment to import
            from incidentlog.worker.overseer import Overseer  # noqa: PLC0415

            overseer = Overseer(keeper)
            endpoint = Endpoint(HOST, self._settings.metrics_port, overseer.registry(), overseer.health)
            self.metrics = self._metrics.enter_context(endpoint).url

    async def _prepare(self) -> None:
        """Rights, then topics; and which version is live."""
        if (secured := self.broker.secured) is not None:
            administrator = broker_as(self.bootstrap, secured.variables(ADMINISTRATOR, self.bootstrap))
            for role in ROLES:
                await grant(administrator, f"User:{role}", grants(role, self.topics))
        async with self.connected("operator").reader() as reader:
            self.topics = await live_topics(reader, self.topics)
        await apply(self.connected("operator"), self.topics)

    async def _start_workers(self) -> None:
        """Workers take longest, importing their engine: they start before there is a broker, and wait for it by themselves.
        A broker that asks who they are they find ready, or they would be refused."""
        variables = self.variables("worker") if self._secure else None
        for number in range(self._count):
            worker = WorkerProcess(replace(self._settings, instance=f"up-{number + 1}"), variables=variables)
            await worker.start()
            self._workers.append(worker)

    async def _ready(self) -> None:
        try:
            await asyncio.gather(*(worker.ready(READY_SECONDS) for worker in self._workers))
            if self._keeper is not None:
                await self._keeper.ready(READY_SECONDS)
        except TimeoutError as error:
            raise WorkerLate(READY_SECONDS) from error

    async def _stop(self, *, hurry: bool) -> None:
        """Workers first, so that they can store and commit; what is thrown away anyway need not be."""
        patience = WORKER_SECONDS if self._kept and not hurry else 0
        loop = asyncio.get_running_loop()
        excuse = loop.call_later(EXCUSE_SECONDS, self._progress, "Stopping; the first time takes longer", 0, 1)
        try:
            if self._gateway is not None and self._gateway.started:
                await self._gateway.stop(0 if hurry else WORKER_SECONDS)
            if self._keeping is not None:
                await cancel(self._keeping)
            if self._keeper is not None:
                await self._keeper.stop(patience)
            await asyncio.gather(*(worker.stop(patience) for worker in self._workers))
            await self.broker.stop(hurry=hurry)
        finally:
            self._metrics.close()
            excuse.cancel()


def installed(module: str) -> bool:
    """Whether a module can be imported; one that was imported already, as Faust, may not say where it came from."""
    return module in sys.modules or find_spec(module) is not None


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


async def _kept(keeping: asyncio.Task[NoReturn]) -> NoReturn:
    try:
        await asyncio.shield(keeping)
    except WorkerStopped as error:
        raise WorkerDied(error.status or 0, error.message) from error


async def _stopped(gateway: GatewayProcess) -> NoReturn:
    status = await gateway.ended()
    raise GatewayStopped(status, await gateway.messages())


async def _ended(worker: WorkerProcess) -> NoReturn:
    status = await worker.ended()
    raise WorkerDied(status, await worker.messages())
