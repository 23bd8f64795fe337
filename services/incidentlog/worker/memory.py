"""Garbage: most of what a worker makes it keeps, and looking through all of it again and again costs as much as the folds."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from incidentlog.client.background import running
from incidentlog.worker.claims import Counts

_SECONDS = 5.0
#: Events between two looks: from so many on, what is there is not looked at again; from so many on, not even once.
_EVENTS, _RUSH = 5_000, 50_000
#: A look that takes so long is not taken at the same things again.
_LONG_SECONDS = 0.05


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
    tending = Tending(counts)
    while True:
        await asyncio.sleep(_SECONDS)
        tending.look()


class Tending:
    """What was looked at so far; `clock` tells the seconds of CPU that this thread has had, however busy the machine is."""

    def __init__(self, counts: Counts, clock: Callable[[], float] = time.thread_time) -> None:
        self._counts, self._clock, self._trim = counts, clock, _trim()
        self._settled = self._trimmed = 0
        self._before = -1

    def look(self) -> None:
        """Collect what nobody uses any more, set apart what has come to stay, and give back what was freed."""
        events, began = self._counts.events, self._clock()
        folded = events - self._settled
        if folded < _RUSH:  # while catching up, next to nothing of it is garbage (under a hundred objects a second)
            gc.collect()
        # An idle worker freezes nothing: what it has in hand would add up. But it may have looked for long, at what a rush
        # left behind in roll-ups after its last event: with millions of claims that takes seconds, each time.
        late = self._clock() - began > _LONG_SECONDS
        if folded >= _EVENTS or late:
            self._settled = events
            gc.freeze()
        over = self._trimmed and events == self._before != self._trimmed
        if events - self._trimmed >= _RUSH or over or late:
            # After a rush, and when it is over: it takes a tenth of a second, too long for between live events.
            self._trim(0)
            self._trimmed = events
        self._before = events
