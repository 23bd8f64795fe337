"""What a process holds and does while there is nothing to do: an idle hour must not cost memory."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

import psutil

_LOOK_SECONDS = 10.0


class Held(NamedTuple):
    """A look at a process: when (seconds), bytes of memory, and the seconds of CPU that it has had so far."""

    at: float
    resident: int
    cpu: float


async def watched(process: psutil.Process, seconds: float, held: list[Held]) -> None:
    """Look at a process every ten seconds, or ten times if that is more; the looks go into `held`."""
    end, pause = time.monotonic() + seconds, min(_LOOK_SECONDS, seconds / 10)
    while (now := time.monotonic()) < end:
        times = process.cpu_times()
        held.append(Held(now, process.memory_info().rss, times.user + times.system))
        await asyncio.sleep(pause)


def per_hour(held: Sequence[Held]) -> float:
    """How memory grows, in MB an hour: the slope of the line through all looks, by least squares."""
    slope, _ = statistics.linear_regression([each.at for each in held], [each.resident for each in held])
    return slope * 3600 / 1e6


def share_of_a_core(held: Sequence[Held]) -> float:
    """Part of one core's time that was used between the first look and the last."""
    return (held[-1].cpu - held[0].cpu) / (held[-1].at - held[0].at)
