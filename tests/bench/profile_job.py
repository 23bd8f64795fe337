"""Where the time and the memory of the full job go, both stages in one process and without Kafka.

    python tests/bench/profile_job.py                          100,000 events over 3,200 cells
    python tests/bench/profile_job.py --events 1000000         the real thing: 32,000 cells (about two minutes)
    python tests/bench/profile_job.py --calls 25               and the 25 functions that take longest, stage by stage
    python tests/bench/profile_job.py --kinds 40               and the 40 kinds of objects that take most memory

Microseconds are of CPU and per event, however many records a step handles. Each part of the memory is what a process of its
own grows by.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import itertools
import multiprocessing
import pstats
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.census import Census
from incidentlog.bench.load import Load, events
from incidentlog.projections.lane import Lane
from incidentlog.schemas import records
from incidentlog.schemas.contributions import decode_contribution, encode_contribution
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.topics import Topics
from incidentlog.worker.claims import ClaimsFold, Counts
from incidentlog.worker.outbox import Outbox
from incidentlog.worker.reading import Reader
from incidentlog.worker.rollups import RollupsFold

TOPICS = Topics()
PARTITIONS = TOPICS.partitions
CHUNK = 1_000
#: By partition, chunks and their topics.
Group = dict[int, list[tuple[str, list[Any]]]]


class Meter:
    """CPU seconds by step, and how many records each made and their bytes."""

    def __init__(self, calls: int) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.records: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self._calls, self._profiles = calls, defaultdict[str, cProfile.Profile](cProfile.Profile)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the CPU spent within."""
        profile = self._profiles[name.partition(":")[0]] if self._calls else None
        begun = time.process_time()
        if profile:
            profile.enable()
        yield
        if profile:
            profile.disable()
        self.seconds[name] += time.process_time() - begun

    def told(self, outbox: Outbox) -> None:
        """Count what goes out."""
        for (topic, _), outgoing in outbox.items():
            name = topic.removeprefix(TOPICS.prefix + ".").removesuffix(".v1")
            self.records[name] += len(outgoing)
            self.bytes[name] += sum(len(value or b"") for _, value, _ in outgoing)

    def show_calls(self) -> None:
        """The functions that take longest."""
        for name, profile in self._profiles.items():
            print(f"--- {name}")
            pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(self._calls)


def chunks(load: Load, per_take: int) -> Iterator[Group]:
    """By partition, the chunks of what lies between two transactions, as a worker that is behind meets them."""
    source = events(load)
    names = {home: TOPICS.events(home) for home in map(TOPICS.event_type, TOPICS.counted)}
    offset = itertools.count()
    while portion := list(itertools.islice(source, per_take * PARTITIONS)):
        byplace: dict[tuple[int, str], list[Any]] = defaultdict(list)
        for home, key, value in portion:
            partition = partition_of(key, PARTITIONS)
            record = SimpleNamespace(key=key, value=value, offset=next(offset), partition=partition, topic=names[home])
            byplace[partition, names[home]].append(record)
        found: dict[int, list[tuple[str, list[Any]]]] = defaultdict(list)
        for (partition, topic), there in byplace.items():
            found[partition] += [(topic, there[at : at + CHUNK]) for at in range(0, len(there), CHUNK)]
        yield found


def collected(groups: Iterator[Group]) -> Iterator[Group]:
    """Look for garbage between groups only, and never twice at what stays: as the worker does."""
    gc.disable()
    for group in groups:
        yield group
        gc.collect()
        gc.freeze()
    gc.enable()
    gc.unfreeze()


def stage_one_in_steps(load: Load, per_take: int, meter: Meter) -> None:
    """Stage one's steps one after another over a whole chunk each: the same work as in the worker, told apart."""
    readers = [Reader(TOPICS, p, PARTITIONS) for p in range(PARTITIONS)]
    lanes = [Lane() for _ in range(PARTITIONS)]
    for group in collected(chunks(load, per_take)):
        for partition, found in group.items():
            lane = lanes[partition]
            for topic, chunk in found:
                with meter.step("one: read"):
                    read = [readers[partition].read(topic, record) for record in chunk]
                with meter.step("one: add"):
                    new = [statement for cell, statement in read if lane.add(cell, statement)]
                with meter.step("one: dump"):
                    for statement in new:
                        records.dump(statement)
            with meter.step("one: changes taken"):
                changes = lane.take_changed()
            with meter.step("one: estimates encoded"):
                for row in changes.estimates.values():
                    encode_row(row)
            with meter.step("one: contributions encoded"):
                for contribution in changes.contributions.values():
                    encode_contribution(contribution)
            meter.records["cells changed"] += len(changes.estimates)


def whole(load: Load, per_take: int, meter: Meter, *, second: bool, keep: Callable[[Outbox], None]) -> list[Any]:
    """Both stages as the worker runs them, or only the first; the states, for whoever weighs them."""
    counts = Counts()
    claims = [ClaimsFold(TOPICS, p, PARTITIONS, counts) for p in range(PARTITIONS)]
    rollups = [RollupsFold(TOPICS, defaultdict(lambda: PARTITIONS), p) for p in range(PARTITIONS)]
    for group in collected(chunks(load, per_take)):
        for partition, found in group.items():
            with meter.step("one: whole fold"):
                for topic, chunk in found:
                    claims[partition].fold(topic, chunk)
            with meter.step("one: whole take"):
                outbox = claims[partition].take()
            keep(outbox)
            if second:
                _second(outbox, rollups, meter)
        if second:
            for fold in rollups:
                with meter.step("two: take"):
                    outbox = fold.take()
                keep(outbox)
    return [claims, rollups]


def _second(outbox: Outbox, rollups: list[RollupsFold], meter: Meter) -> None:
    for (topic, partition), outgoing in outbox.items():
        if topic == TOPICS.contributions:
            chunk = [
                SimpleNamespace(key=k, value=v, topic=topic, partition=partition, offset=0) for k, v, _ in outgoing
            ]
            with meter.step("two: decode alone"):
                for _, value, _ in outgoing:
                    decode_contribution(value or b"")
            with meter.step("two: fold"):
                rollups[partition].fold(topic, chunk)


def weigh(load: Load, per_take: int, what: str) -> int:
    """Bytes that a process grows by: `idle` generates events and forgets them, `one` folds, `two` rolls up as well."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_weigh, (load, per_take, what))


def _weigh(load: Load, per_take: int, what: str) -> int:
    process = psutil.Process()
    before = process.memory_info().rss
    kept: list[Any] = []
    if what == "idle":
        for _ in chunks(load, per_take):
            pass
    else:
        kept = whole(load, per_take, Meter(0), second=what == "two", keep=lambda _: None)
    gc.collect()
    grown = process.memory_info().rss - before
    del kept
    return grown


def show_kinds(load: Load, per_take: int, number: int) -> None:
    """What each stage holds per event, by kind of object."""
    stages = whole(load, per_take, Meter(0), second=True, keep=lambda _: None)
    for name, stage in zip(("one", "two"), stages, strict=True):
        found, count = Census().take(stage), load.events + load.hot
        print(f"--- objects of stage {name}, bytes per event: {sum(found.bytes.values()) / count:.0f}")
        for kind, objects, taken in found.largest(number):
            print(f"{kind:<50} {objects / count:8.3f} objects {taken / count:8.1f} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--cells", type=int, help="32 for each 1,000 events by default")
    parser.add_argument("--hot", type=int, default=0, help="more claims, all in one cell")
    parser.add_argument("--parts", type=float, default=0.05, help="share of claims that are part of a mixed one")
    parser.add_argument("--per-take", type=int, default=10_000, help="events of a partition between two transactions")
    parser.add_argument("--calls", type=int, default=0, help="also list so many functions; steps then take longer")
    parser.add_argument("--kinds", type=int, default=0, help="also list so many kinds of objects that take most memory")
    parser.add_argument("--no-memory", action="store_true")
    options = parser.parse_args()
    load = Load.of(
        options.events, parts=options.parts, hot=options.hot, **({"cells": options.cells} if options.cells else {})
    )
    meter = Meter(options.calls)
    stage_one_in_steps(load, options.per_take, meter)
    whole(load, options.per_take, meter, second=True, keep=meter.told)
    count = load.events + load.hot
    print(f"{count:,} events, {load.cells:,} cells, {options.per_take:,} events of a partition between transactions")
    for name, seconds in meter.seconds.items():
        print(f"{name:<28} {seconds / count * 1e6:7.2f} µs")
    print("together (whole fold, take):", round(_together(meter) / count * 1e6, 1), "µs")
    for name, number in sorted(meter.records.items()):
        print(f"{name:<28} {number / count:7.3f} records, {meter.bytes[name] / count:8.1f} bytes")
    meter.show_calls()
    if options.kinds:
        show_kinds(load, options.per_take, options.kinds)
    if not options.no_memory:
        idle, one, two = (weigh(load, options.per_take, what) / count for what in ("idle", "one", "two"))
        print(
            f"memory, bytes per event: stage one {one - idle:.0f}, stage two {two - one:.0f}, the load itself {idle:.0f}"
        )


def _together(meter: Meter) -> float:
    seconds = meter.seconds
    return seconds["one: whole fold"] + seconds["one: whole take"] + seconds["two: fold"] + seconds["two: take"]


if __name__ == "__main__":
    main()
