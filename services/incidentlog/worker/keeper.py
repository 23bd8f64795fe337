"""Workers for every version that is kept: those that were replayed, and the live one, as the topic of versions tells."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from incidentlog.client.connect import broker_as
from incidentlog.client.following import Following
from incidentlog.client.live import Told
from incidentlog.processes import START_SECONDS
from incidentlog.schemas.versions import NO_LIMITS, Kept
from incidentlog.worker.errors import WorkerStopped
from incidentlog.worker.process import WorkerProcess
from incidentlog.worker.settings import WorkerSettings

#: Seconds that a version may take to be told to have been retired, after its topics went.
_RETIRED_SECONDS = 3.0


class Keeper:
    """`count` workers for each version, started and stopped as versions come and go. `settings` are those of the live one;
    with an `instance` each worker gets a name that begins so. If they say that metrics are served, each serves its own on a
    free port of this machine. `variables` go into their environment, and hold for this."""

    def __init__(self, settings: WorkerSettings, count: int = 1, variables: Mapping[str, str] | None = None) -> None:
        self._settings, self._count, self._variables = settings, count, variables
        self._following = Following(broker_as(settings.bootstrap, variables), settings.topics.versions)
        self._told = Told()
        self.workers: dict[str, list[WorkerProcess]] = {}
        self._begun = asyncio.Event()

    async def run(self) -> NoReturn:
        """Keep the versions until this is cancelled; WorkerStopped when a worker of one that is kept ends by itself."""
        try:
            while True:
                self._following.settle()
                if self._following.state == "live":
                    await self._sync({self._told.live: NO_LIMITS} | self._told.kept)
                    self._begun.set()
                self._told.take(await self._following.chunk())
                await self._check()
        finally:
            await self._following.close()

    async def ready(self, seconds: float = START_SECONDS) -> None:
        """Return when the workers of all versions there are fold."""
        await self._begun.wait()
        await asyncio.gather(*(worker.ready(seconds) for workers in self.workers.values() for worker in workers))

    async def stop(self, seconds: float = 15.0) -> None:
        """Stop all workers, each within so many seconds."""
        workers = [worker for workers in self.workers.values() for worker in workers]
        self.workers.clear()
        await asyncio.gather(*(worker.stop(seconds) for worker in workers))

    async def _sync(self, wanted: Mapping[str, Kept]) -> None:
        for version in self.workers.keys() - wanted.keys():
            await asyncio.gather(*(worker.stop() for worker in self.workers.pop(version)))
        for version in wanted.keys() - self.workers.keys():
            self.workers[version] = []
            for number in range(self._count):
                settings = self._of(version, wanted[version], number + 1)
                worker = WorkerProcess(settings, variables=self._variables)
                self.workers[version].append(worker)
                await worker.start()

    def _of(self, version: str, kept: Kept, number: int) -> WorkerSettings:
        name = f"{self._settings.instance}-{number}" if self._settings.instance else ""
        return replace(
            self._settings, version=version, as_of=kept.as_of, known_at=kept.known_at, instance=name,
            metrics_host="127.0.0.1", metrics_port=min(self._settings.metrics_port, 0),
        )  # fmt: skip

    async def _check(self) -> None:
        """WorkerStopped for one that ended though its version is still kept a moment later."""
        for version, workers in list(self.workers.items()):
            for worker in workers:
                if worker.process.returncode is not None:
                    await self._excused(version, worker)

    async def _excused(self, version: str, worker: WorkerProcess) -> None:
        """Return if its version is retired: it may have seen its topics go before anybody said so."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _RETIRED_SECONDS
        while loop.time() < deadline:
            if version != self._told.live and version not in self._told.kept:
                return
            self._told.take(await self._following.chunk())
        raise WorkerStopped(worker.process.returncode, await worker.messages())
