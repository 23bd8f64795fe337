"""Many runs on all cores, and what they came to."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from simulation.one import Outcome, in_place_of_kafka, run
from simulation.world import WORLDS

_SHARE = 200
_SHOWN = 12


@dataclass
class Total:
    """Sums over runs; seconds of CPU are those of the processes that simulated."""

    runs: int = 0
    events: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Outcome] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0

    def add(self, other: Total) -> None:
        self.runs, self.events, self.cpu = self.runs + other.runs, self.events + other.events, self.cpu + other.cpu
        self.counts.update(other.counts)
        self.failures += other.failures


def simulate(seeds: range, processes: int = 0) -> Total:
    """Run all seeds, in so many processes (0: one for each core)."""
    began, total = time.monotonic(), Total()
    shares = deque(_shares(seeds))
    count = min(processes or os.cpu_count() or 1, len(shares))
    for part in map(_share, shares) if count <= 1 else _apart(shares, count):
        total.add(part)
    total.wall = time.monotonic() - began
    return total


def _shares(seeds: range) -> Iterator[list[int]]:
    """Seeds of one world side by side, since what it comes to is found out once in each process."""
    ordered = sorted(seeds, key=lambda seed: (seed % WORLDS, seed))
    for start in range(0, len(ordered), _SHARE):
        yield ordered[start : start + _SHARE]


def _apart(shares: deque[list[int]], count: int) -> Iterator[Total]:
    """Each share in a child of its own. What runs leave behind goes with it: to collect it would take a third as long again."""
    fork = multiprocessing.get_context("fork")
    gc.freeze()
    running: dict[Any, multiprocessing.process.BaseProcess] = {}
    while shares or running:
        while shares and len(running) < count:
            here, there = fork.Pipe(duplex=False)
            child = fork.Process(target=_send, args=(there, shares.popleft()))
            child.start()
            there.close()
            running[here] = child
        for each in wait(list(running)):
            assert isinstance(each, Connection)
            yield each.recv()
            running.pop(each).join()
            each.close()


def _send(there: Connection, share: Sequence[int]) -> None:
    gc.disable()
    there.send(_share(share))


def _share(seeds: Sequence[int]) -> Total:
    began, total = time.process_time(), Total()
    with in_place_of_kafka():
        for seed in seeds:
            outcome = run(seed)
            total.runs += 1
            total.events += outcome.events
            total.counts.update(outcome.counts)
            if outcome.failure:
                total.failures.append(outcome)
    total.cpu = time.process_time() - began
    return total


def report(total: Total) -> str:
    """Runs, events, faults by kind, failures with their seeds, and seconds."""
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(total.counts.items()))
    lines = [
        f"{total.runs} runs, {total.events} events published; {counts}",
        f"{len(total.failures)} failures; {total.wall:.1f} s",
        f"{total.cpu:.1f} s of CPU, {1000 * total.cpu / max(1, total.runs):.1f} ms a run",
    ]
    for outcome in total.failures[:_SHOWN]:
        lines.append(f"\nseed {outcome.seed}: {outcome.failure}")
        lines += [f"  {seconds:9.3f} s  {what}" for seconds, what in outcome.history[-_SHOWN:]]
        lines.append(f"again: uv run python tests/simulation/run.py --seed {outcome.seed}")
    return "\n".join(lines)
