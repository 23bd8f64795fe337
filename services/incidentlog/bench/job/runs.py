"""One run: a worker, or the bare loop, in a process of its own, from live to done."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from incidentlog.bench.errors import RunFailed
from incidentlog.bench.job.ground import Ground
from incidentlog.bench.job.idle import Held, watched
from incidentlog.client.background import cancel
from incidentlog.schemas.topics import Topics
from incidentlog.worker import WorkerProcess
from incidentlog.worker.settings import WorkerSettings

FETCH_BYTES = 1 << 20
#: Offsets are committed this often, so that the end of a short run is seen in time.
COMMIT_SECONDS = 0.1
_TEND_SECONDS = 6.0
_LIMIT_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time and of CPU, and bytes of memory in the end and at most; `idle`: what it held afterwards."""

    wall: float
    cpu: float
    resident: int = 0
    peak: int = 0
    idle: tuple[Held, ...] = ()


def settings_for(ground: Ground, topics: Topics, **changes: float) -> WorkerSettings:
    """Settings of a measured worker: the defaults but for what is said here."""
    chosen = {"commit_interval": COMMIT_SECONDS, "fetch_bytes": FETCH_BYTES, "patience": 10.0} | changes
    return WorkerSettings(ground.bootstrap, topics.prefix, topics.version, **chosen)  # type: ignore[arg-type]


async def bare(ground: Ground, topics: Topics, events: int) -> Cost:
    """The loop that only fetches and parses."""
    asked = {"bootstrap": ground.bootstrap, "names": topics.counted, "partitions": topics.partitions, "events": events,
             "fetch_bytes": FETCH_BYTES}  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "incidentlog.bench.job.bare", json.dumps(asked),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            said, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise RunFailed("the bare loop", f"ended with status {process.returncode}", complaint.decode()[-500:])
    return Cost(**json.loads(said))


async def job(ground: Ground, topics: Topics, *, weigh: bool = False, idle: float = 0.0) -> Cost:
    """The whole job on what the event topics hold, by a new worker: from live until the last roll-up is committed.

    `weigh`: wait in the end until it has looked for garbage, and see how much it holds. `idle`: then look on for so many
    seconds more while there is nothing to do.
    """
    async with live(ground, topics) as worker:
        process = psutil.Process(worker.process.pid)
        peak = asyncio.create_task(_peak(process))
        wall, before = time.perf_counter(), cpu(process)
        await alive(worker, ground.folded(topics, _LIMIT_SECONDS))
        await alive(worker, ground.rolled_up(topics, _LIMIT_SECONDS))
        wall, spent = time.perf_counter() - wall, cpu(process) - before
        if weigh:
            await asyncio.sleep(_TEND_SECONDS)
        peak.cancel()
        resident = process.memory_info().rss
        most = max(resident, *await asyncio.gather(peak))
        held: list[Held] = []
        await alive(worker, watched(process, idle, held))
        return Cost(wall, spent, resident, most, tuple(held))


@asynccontextmanager
async def live(ground: Ground, topics: Topics) -> AsyncIterator[WorkerProcess]:
    """A worker on these topics that is recovered and folds."""
    async with WorkerProcess(settings_for(ground, topics)) as worker:
        await worker.ready(_LIMIT_SECONDS)
        yield worker


async def alive(worker: WorkerProcess, work: Coroutine[Any, Any, None]) -> None:
    """Do work that waits for a worker; RunFailed with its last words if it ends before."""
    working, ended = asyncio.create_task(work), asyncio.create_task(worker.ended())
    try:
        await asyncio.wait([working, ended], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise RunFailed("the worker", f"ended with status {ended.result()}", await worker.messages())
        await working
    finally:
        await cancel(working, ended)


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process has had so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def _peak(process: psutil.Process) -> int:
    most = 0
    try:
        while True:
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.2)
    except (asyncio.CancelledError, psutil.NoSuchProcess):
        return most
