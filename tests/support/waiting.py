"""Wait for a condition, never for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import psutil


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Return as soon as `condition()` is true; TimeoutError, naming it, if it is not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {condition}")
        await asyncio.sleep(0.01)


async def gone(*processes: psutil.Process, seconds: float = 10) -> None:
    """Return when none of these processes runs any more; one that only waits to be reaped does not run."""
    await until(lambda: not any(map(_runs, processes)), seconds)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
