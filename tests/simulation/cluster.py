"""Workers on the simulated broker, and whoever starts them again when they have ended."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from incidentlog.worker.errors import EngineFailed, StoreFailed, WorkerError, WriterFenced
from incidentlog.worker.incidents import incidents
from incidentlog.worker.worker import Worker
from simulation.broker import SESSION_TIMEOUT, Broker
from simulation.loop import Process
from simulation.world import Settings

MOST = 3


class Cluster:
    """Up to three workers, each the product's own; `broken` is the first thing that no worker may end with."""

    def __init__(self, broker: Broker, rng: random.Random) -> None:
        self.broker, self._rng = broker, rng
        self.processes: list[Process] = []
        self._started: list[Process] = []
        self.history: list[tuple[float, str]] = []
        self.broken = ""
        self._stops: dict[Process, asyncio.Event] = {}
        self._lives, self._over = 0, False
        self.settings = Settings(
            "",
            "sim",
            every=rng.choice((0.05, 0.3, 1.0)),
            waiting=rng.choice((1, 8, 30, 30)),
            session_timeout=SESSION_TIMEOUT,
        )

    def note(self, what: str) -> None:
        """For the history of a run that fails."""
        self.history.append((self.broker.loop.now, what))

    def add(self) -> bool:
        """Start another worker, unless there are enough."""
        if len(self.processes) >= MOST:
            return False
        self._lives += 1
        process = Process(self.broker.loop, f"worker {self._lives}")
        self.processes.append(process)
        self._started.append(process)
        process.on_death.append(lambda: self._died(process))
        process.start(self._live(process))
        return True

    def end(self) -> None:
        """Let nothing be left of any process."""
        self._over, loop = True, self.broker.loop
        for process in self._started:
            process.kill()
        for _ in range(20):
            if not sum(process.unwind() for process in self._started):
                break
            loop.run(limit=-1.0)  # what is due, without letting time pass

    def ask_to_stop(self, process: Process) -> None:
        """As by SIGTERM."""
        self.broker.network.tell(process, self._stops[process].set, delay=0.0)

    async def _live(self, process: Process) -> None:
        self._stops[process] = asyncio.Event()
        asked = asyncio.ensure_future(self._stops[process].wait())
        try:
            await Worker(
                self.settings, await incidents(self.settings), lambda owned, *_: self._ready(process, owned)
            ).run(asked)
        except WorkerError as error:
            self.note(f"{process.name} ends: {error}")
            if process.alive and not (isinstance(error, WriterFenced | StoreFailed) or self._late(process, error)):
                self.broken = self.broken or f"{process.name} ended with {_told(error)}"
        except Exception as error:  # noqa: BLE001 - no worker may end by anything else
            self.broken = self.broken or f"{process.name} ended with {error!r}"
        finally:
            process.kill()

    def _late(self, process: Process, error: WorkerError) -> bool:
        """Whether the time it had to stop in passed while it was paused, or its transactions took long to end: its successors
        do what it left."""
        held_up = process.slept or self.broker.transactions.slowed
        return held_up and self._stops[process].is_set() and "did not stop in time" in str(error)

    def _ready(self, process: Process, owned: Any) -> None:
        self.note(f"{process.name} owns {sorted(owned)}")

    def _died(self, process: Process) -> None:
        self.note(f"{process.name} is gone")
        self.processes.remove(process)
        if not self._over:
            self.broker.network.later(self.add, delay=self._rng.choice((0.05, 2.0, 12.0)) * self._rng.random())


def _told(error: WorkerError) -> str:
    cause = error.__cause__ if isinstance(error, EngineFailed) else None
    return f"{error} {cause!r}"
