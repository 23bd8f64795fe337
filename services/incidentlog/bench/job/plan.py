"""The whole set of measurements of the job, one after another on one broker."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import psutil
from aiokafka.errors import KafkaError

from incidentlog.bench.job import again, edge, full, hostile, latency, restart
from incidentlog.bench.job.figures import Figure
from incidentlog.bench.job.ground import Ground
from incidentlog.bench.load import Load
from incidentlog.bench.machine import broker
from incidentlog.local import Progress
from incidentlog.schemas.errors import IncidentlogError

#: What can be measured, in the order in which it is.
PARTS = ("full", "hostile", "restart", "edge", "latency", "replay")
_WARM = 5_000
_LARGE = 1_000_000
#: Share of the free memory that a worker may come to.
_ROOM = 0.8


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: `events` of the largest load, of which two smaller ones are a tenth and a hundredth.

    `rounds` are those of short runs; of runs that take minutes there are two fewer. `tenfold`: one more load, ten times
    `events`, once. The worker of the largest load is watched for `idle` seconds more. Latency is measured at `rate` events a second for so many `seconds`, with a worker that stores `every` so
    many. `bootstrap`: a broker of one's own.
    """

    events: int = _LARGE
    rounds: int = 5
    parts: tuple[str, ...] = PARTS
    tenfold: bool = False
    idle: float = 0.0
    rate: int = 1_000
    seconds: float = 30.0
    every: float = 0.02
    bootstrap: str = ""

    @property
    def long_rounds(self) -> int:
        """Rounds of what takes long."""
        return max(1, self.rounds - 2)


@dataclass(slots=True)
class Found:
    """What was measured, what could not be and why, and the seconds it all took."""

    figures: list[Figure] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


async def measured(plan: Plan, told: Progress) -> Found:
    """Everything that is planned; a part that fails is named, and the others go on."""
    found, begun = Found(), time.monotonic()
    ways: dict[str, Callable[[Ground], Awaitable[None]]] = {
        "full": lambda ground: _full(ground, plan, found, told),
        "hostile": lambda ground: _hostile(ground, plan, found, told),
        "restart": lambda ground: _restart(ground, plan, found, told),
        "edge": lambda ground: _edge(ground, plan, found, told),
        "latency": lambda ground: _latency(ground, plan, found, told),
        "replay": lambda ground: _replay(ground, plan, found, told),
    }
    async with broker(plan.bootstrap, told) as bootstrap:
        for part in [part for part in PARTS if part in plan.parts]:
            try:
                async with Ground(bootstrap, f"bench-{uuid.uuid4().hex[:8]}") as ground:
                    await ways[part](ground)
            except (IncidentlogError, KafkaError, TimeoutError) as error:
                found.failed[part] = str(error) or "it took too long"
    found.seconds = time.monotonic() - begun
    return found


async def _full(ground: Ground, plan: Plan, found: Found, told: Progress) -> None:
    await full.measure(ground, Load.of(min(_WARM, plan.events)), 1, told, "warm-up")
    empty, busy = await full.idle(ground, plan.events // 5)
    before: full.Measured | None = None
    for events in (plan.events // 100, plan.events // 10, plan.events):
        rounds = plan.rounds if events < _LARGE else plan.long_rounds
        idle = plan.idle if events == plan.events and not plan.tenfold else 0.0
        last = await full.measure(ground, Load.of(events), rounds, told, idle=idle)
        found.figures += full.figures(last, before)
        before = last
    assert before is not None
    found.figures += full.memory(before, empty, busy)
    if plan.tenfold:
        await _tenfold(ground, before, plan.idle, found, told)


async def _tenfold(ground: Ground, before: full.Measured, idle: float, found: Found, told: Progress) -> None:
    cost, free = before.jobs[-1], psutil.virtual_memory().available
    needed = 9 * cost.resident + cost.peak  # what it takes to be behind does not grow
    if needed > _ROOM * free:
        found.failed["tenfold"] = f"a worker would need about {needed >> 30} GiB, and {free >> 30} GiB are free"
        return
    last = await full.measure(ground, Load.of(10 * before.load.events), 1, told, idle=idle)
    found.figures += full.figures(last, before)


async def _hostile(ground: Ground, plan: Plan, found: Found, told: Progress) -> None:
    hot, rounds = plan.events // 10, plan.long_rounds
    found.figures += await hostile.crowded(ground, 3 * hot, hot, rounds, told)
    found.figures += await hostile.scattered(ground, 3 * hot, 1, told)


async def _restart(ground: Ground, plan: Plan, found: Found, told: Progress) -> None:
    found.figures += await restart.measure(ground, plan.events // 5, 3, plan.long_rounds, told)


async def _edge(ground: Ground, plan: Plan, found: Found, told: Progress) -> None:
    found.figures += await edge.measure(ground, plan.events // 20, plan.rounds, told)


async def _latency(ground: Ground, plan: Plan, found: Found, told: Progress) -> None:
    found.figures += await latency.measure(ground, plan.rate, plan.seconds, plan.long_rounds, told, plan.every)


async def _replay(ground: Ground, plan: Plan, found: Found, told: Progress) -> None:
    found.figures += await again.speed(ground, plan.events, 1 if plan.events >= _LARGE else plan.rounds, told)
    found.figures += await again.held_back(ground, plan.rate, plan.seconds, plan.rate // 2, plan.long_rounds, told)
