"""The whole job over loads of growing size, beside a loop that only fetches and parses the same events."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil

from incidentlog.bench.errors import RowsWrong
from incidentlog.bench.job.correct import wrong
from incidentlog.bench.job.figures import Figure
from incidentlog.bench.job.ground import Ground, Table
from incidentlog.bench.job.idle import Held, per_hour, share_of_a_core
from incidentlog.bench.job.runs import Cost, bare, job, live
from incidentlog.bench.load import Load, Produced, events
from incidentlog.local import Progress

PART = "the whole job"
_DISTINCT = 1_000


@dataclass(slots=True)
class Measured:
    """A load, what folding it cost in each round, what the bare loop beside it cost, and what was written."""

    load: Load
    jobs: list[Cost] = field(default_factory=list)
    loops: list[Cost] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)

    @property
    def events(self) -> int:
        """All events of the load."""
        return self.load.events + self.load.hot


async def measure(
    ground: Ground, load: Load, rounds: int, told: Progress, name: str = "", idle: float = 0.0
) -> Measured:
    """Publish a load once and fold it in each round, by a new worker into new tables; RowsWrong if a row is wrong.

    `idle`: how many seconds the last worker is then watched while there is nothing to do.
    """
    found, name = Measured(load), name or f"full{load.events}"
    topics = await ground.lay(name, "v0")
    await ground.publish(topics, events(load), lambda done: told(f"Publishing {name}", done, found.events))
    for turn in range(rounds):
        told(f"Folding {name}, round {turn + 1} of {rounds}", turn, rounds)
        topics = await ground.lay(name, f"v{turn}")
        found.loops.append(await bare(ground, topics, found.events))
        last = turn == rounds - 1
        found.jobs.append(await job(ground, topics, weigh=last, idle=idle if last else 0.0))
        if last:
            told(f"Checking {name}", turn, rounds)
            mistakes, found.tables = await wrong(ground, topics, load)
            if mistakes:
                raise RowsWrong(name, mistakes)
        await ground.clear(topics, events=last)
    return found


async def idle(ground: Ground, count: int) -> tuple[int, int]:
    """Bytes that a worker holds when there is nothing to fold, and after `count` events of which all but few are repeated.

    The second has seen the same traffic through its buffers, but keeps next to no claims.
    """
    topics = await ground.lay("idle", "v0")
    async with live(ground, topics) as worker:
        empty = psutil.Process(worker.process.pid).memory_info().rss
    few = list(events(Load.of(_DISTINCT)))
    again: Sequence[Produced] = list(itertools.islice(itertools.cycle(few), count))
    await ground.publish(topics, again, lambda _: None)
    cost = await job(ground, topics, weigh=True)
    await ground.clear(topics, events=True)
    return empty, cost.resident


def figures(found: Measured, before: Measured | None) -> list[Figure]:
    """Costs of one load; `before`: of one a tenth as large, to see how time grows."""
    count, case = found.events, f"{found.events:,} events, {found.load.cells:,} cells"
    per = 1e6 / count

    def figure(what: str, unit: str, values: Sequence[float], mark: str = "") -> Figure:
        return Figure(PART, case, what, unit, values, mark)

    large = found.load.events >= 1_000_000
    shown = [
        figure("wall", "µs/event", [cost.wall * per for cost in found.jobs]),
        figure("CPU", "µs/event", [cost.cpu * per for cost in found.jobs]),
        figure("CPU of getmany + orjson", "µs/event", [cost.cpu * per for cost in found.loops]),
        figure("per CPU-second, of getmany + orjson", "",
               [loop.cpu / cost.cpu for loop, cost in zip(found.loops, found.jobs, strict=True)], "≥ 0.25" if large else ""),
    ]  # fmt: skip
    if before is not None:
        shown += [
            figure("wall for 10 times the claims", "times", _growth(found, before, "wall"), "≤ 11"),
            figure("CPU for 10 times the claims", "times", _growth(found, before, "cpu"), "≤ 11"),
        ]
    for name, table in found.tables.items():
        if table.records:
            shown.append(figure(f"written to {name}", "bytes/event", [table.bytes / count]))
    return shown + _idle(case, found.jobs[-1].idle)


def memory(found: Measured, empty: int, busy: int) -> list[Figure]:
    """What a worker holds per event of the load, nearly all of them live claims, over what it holds without."""
    case, last = f"{found.events:,} events, {found.load.cells:,} cells", found.jobs[-1]
    return [
        Figure(PART, case, "memory over an empty worker", "bytes/event", [(last.resident - empty) / found.events], "≤ 1024"),
        Figure(PART, case, "memory over a worker after like traffic", "bytes/event", [(last.resident - busy) / found.events]),
        Figure(PART, case, "most memory while behind", "MiB", [last.peak / 2**20]),
        Figure(PART, "nothing to fold", "memory", "MiB", [empty / 2**20]),
    ]  # fmt: skip


def _idle(case: str, held: Sequence[Held]) -> list[Figure]:
    if not held:
        return []
    case = f"{case}, then {(held[-1].at - held[0].at) / 60:.0f} minutes of nothing"
    return [
        Figure(PART, case, "memory, growth", "MB/hour", [per_hour(held)], "≤ 1"),
        Figure(PART, case, "memory in the beginning", "MiB", [held[0].resident / 2**20]),
        Figure(PART, case, "CPU", "% of a core", [100 * share_of_a_core(held)]),
    ]


def _growth(found: Measured, before: Measured, what: str) -> list[float]:
    middle = sorted(getattr(cost, what) for cost in before.jobs)[len(before.jobs) // 2]
    return [getattr(cost, what) / middle for cost in found.jobs]
