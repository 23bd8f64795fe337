"""Many runs on all cores, and what they came to."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulation.one import Outcome, in_place_of_kafka, run

_SHARE = 100
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
    shares = [seeds[start : start + _SHARE] for start in range(0, len(seeds), _SHARE)]
    count = min(processes or os.cpu_count() or 1, len(shares))
    if count <= 1:
        parts = map(_share, shares)
        for part in parts:
            total.add(part)
    else:
        with multiprocessing.get_context("spawn").Pool(count) as pool:
            for part in pool.imap_unordered(_share, shares):
                total.add(part)
    total.wall = time.monotonic() - began
    return total


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
    gc.collect()
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
