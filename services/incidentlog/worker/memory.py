"""Garbage: most of what a worker makes it keeps, and looking through all of it again and again costs as much as the folds."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from incidentlog.worker.background import running
from incidentlog.worker.claims import Counts

_SECONDS = 5.0
#: Events between two looks: from so many on, what is there is not looked at again; from so many on, not even once.
_EVENTS, _RUSH = 5_000, 50_000


@asynccontextmanager
async def tended(counts: Counts) -> AsyncIterator[None]:
    """Collect garbage at intervals, and look at no object twice that has come to stay. For the whole process."""
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        async with running(_collect(counts)):
            yield
    finally:
        if was_enabled:
            gc.enable()


def _trim() -> Callable[[int], object]:
    """Gives freed memory back to the system, where the C library can: fetched events leave it in more pieces than it
    gives back by itself, three times the state's size after a backlog."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # not the GNU library
        return lambda _: None


async def _collect(counts: Counts) -> None:
    settled, trimmed, before, trim = 0, 0, -1, _trim()
    while True:
        await asyncio.sleep(_SECONDS)
        folded = counts.events - settled
        if folded < _RUSH:  # while catching up, next to nothing of it is garbage (under a hundred objects a second)
            gc.collect()
        if folded >= _EVENTS:  # an idle worker freezes nothing: what it has in hand would add up
            settled = counts.events
            gc.freeze()
        if counts.events - trimmed >= _RUSH or (trimmed and counts.events == before != trimmed):
            trim(0)  # after a rush, and when it is over: it takes a tenth of a second, too long for between live events
            trimmed = counts.events
        before = counts.events
