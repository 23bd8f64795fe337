"""Loads that are meant to hurt: one cell with very many claims, and very many cells with few."""

from __future__ import annotations

from dataclasses import replace

from incidentlog.bench.job.figures import Figure
from incidentlog.bench.job.full import Measured, measure
from incidentlog.bench.job.ground import Ground
from incidentlog.bench.load import Load
from incidentlog.local import Progress

PART = "hostile keys"
HOT = 100_000
MANY = 300_000


async def crowded(ground: Ground, others: int, hot: int, rounds: int, told: Progress) -> list[Figure]:
    """The same events over the same cells, with and without one more cell that gets `hot` claims in between.

    The others are slowed by what an event costs more, on average, when it shares a worker with the crowd.
    """
    calm = Load.of(others, seed=2)
    without = await measure(ground, replace(calm, events=others + hot), rounds, told, "spread")
    with_it = await measure(ground, replace(calm, hot=hot), rounds, told, "crowded")
    case = f"{others:,} events, {hot:,} more in one cell or in all"
    slower = [a.cpu / b.cpu for a, b in zip(with_it.jobs, without.jobs, strict=True)]
    return [
        _cpu(case + ": spread", without),
        _cpu(case + ": in one", with_it),
        Figure(PART, case, "CPU with the crowd, of that without", "times", slower, "≤ 1.2"),
        Figure(PART, case, "wall with the crowd, of that without", "times",
               [a.wall / b.wall for a, b in zip(with_it.jobs, without.jobs, strict=True)]),
    ]  # fmt: skip


async def scattered(ground: Ground, cells: int, rounds: int, told: Progress) -> list[Figure]:
    """Two events to a cell."""
    found = await measure(ground, Load(events=2 * cells, cells=cells, seed=3, zipf=0.3), rounds, told, "scattered")
    case = f"{found.events:,} events, {cells:,} cells"
    resident = found.jobs[-1].resident / found.events
    return [_cpu(case, found), Figure(PART, case, "memory, all of it", "bytes/event", [resident])]


def _cpu(case: str, found: Measured) -> Figure:
    return Figure(PART, case, "CPU", "µs/event", [cost.cpu / found.events * 1e6 for cost in found.jobs])
