"""One run of one peer: started, watched from outside until everything is done, its rows checked against the truth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from aiokafka.errors import KafkaError

from incidentlog.bench.errors import RunFailed
from incidentlog.bench.sums.cluster import PARTITIONS, Cluster
from incidentlog.bench.sums.fold import sink, source
from incidentlog.bench.sums.peers import OURS, Peer
from incidentlog.bench.sums.program import Program
from incidentlog.bench.sums.source import Source
from incidentlog.worker.settings import WorkerSettings

#: What is measured lies between these parts of the events: a peer is warm by the first, and not yet idle at the second.
WARM, LAST = 0.2, 0.95
#: Below this, what is measured is too short to be seen from outside.
BRIEF_SECONDS = 0.5
_LOOK_SECONDS = 0.03
#: The least CPU time that the system tells apart.
_TICK = 0.01
_ROWS_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What all agree on, as far as each lets one set it: bytes fetched of a partition at once, seconds between commits.

    `limit`: seconds a run may take.
    """

    fetch_bytes: int = 1 << 20
    commit: float = 0.1
    limit: float = 300.0


class Run(NamedTuple):
    """A run: events measured, the seconds they took of wall time and of CPU, bytes of memory, keys with a wrong sum.

    `whole_events` and `whole_cpu` are those of the run from the start of the process on.
    """

    peer: str
    events: int
    wall: float
    cpu: float
    resident: int
    wrong: int
    whole_events: int
    whole_cpu: float


class Sample(NamedTuple):
    """How far it was, and what it had cost."""

    done: int
    wall: float
    cpu: float


async def run(cluster: Cluster, peer: Peer, command: Sequence[str], events: Source, name: str, terms: Terms) -> Run:
    """Let a peer do the whole job once; RunFailed if it ends before or takes too long."""
    settings = WorkerSettings(
        cluster.bootstrap, events.topic.partition(".")[0], name, terms.commit, terms.commit,
        fetch_bytes=terms.fetch_bytes, commit_interval=terms.commit,
    )  # fmt: skip
    assert source(settings) == events.topic
    rows, more = sink(settings), ("--settings", settings.to_json()) if peer is OURS else ()
    await cluster.create(rows, compacted=True)
    environment = _environment(cluster, peer, events, settings, terms)
    async with Program([*command, *more], environment) as program:
        samples, resident = await _watched(cluster, peer, program, (settings.group, events, rows), terms.limit)
        wrong = await _wrong(cluster, peer, program, events, rows)
    await cluster.remove(lambda topic: topic == rows or settings.group in topic)
    first, last = window(samples, events.events)
    return Run(
        *(peer.name, last.done - first.done, last.wall - first.wall, max(last.cpu - first.cpu, _TICK), resident, wrong),
        *(events.events, max(samples[-1].cpu, _TICK)),
    )


def window(samples: Sequence[Sample], events: int) -> tuple[Sample, Sample]:
    """The first and last sample of what is measured.

    Both are taken while it runs, so what is done but not yet committed cancels out. Where a run is too brief for that,
    everything counts from the last moment at which nothing was committed: a rough figure, and a flattering one.
    """
    first = next(each for each in samples if each.done >= WARM * events)
    last = next(each for each in samples if each.done >= LAST * events)
    if last.wall - first.wall >= BRIEF_SECONDS:
        return first, last
    return [each for each in samples if each.done == 0][-1], samples[-1]


async def _watched(
    cluster: Cluster, peer: Peer, program: Program, what: tuple[str, Source, str], limit: float
) -> tuple[list[Sample], int]:
    group, events, rows = what
    samples, deadline, done = [Sample(0, time.perf_counter(), program.cpu())], time.perf_counter() + limit, 0
    while done < events.events:
        await asyncio.sleep(_LOOK_SECONDS)
        ended = program.ended  # before looking what it did: that may have been all
        program.listen()
        if peer.progress == "commits":
            with suppress(KafkaError):  # a coordinator that is not there yet
                done = await cluster.committed(group, events.topic)
        elif peer.progress == "rows":
            done = sum((await cluster.ends(rows)).values())
        else:
            done = program.told
        samples.append(Sample(done, time.perf_counter(), program.cpu()))
        if ended and done < events.events:
            raise RunFailed(peer.name, f"ended at {done} of {events.events} events", program.last_words)
        if time.perf_counter() > deadline:
            raise RunFailed(peer.name, f"was at {done} of {events.events} events after {limit:g} s", program.last_words)
    return samples, program.resident()


async def _wrong(cluster: Cluster, peer: Peer, program: Program, events: Source, rows: str) -> int:
    """How many keys have another sum than they should; what is still on its way gets time to arrive."""
    deadline = time.perf_counter() + _ROWS_SECONDS
    while True:
        program.listen()
        if peer.progress == "told":
            found: dict[bytes, int] = {
                key.encode(): number for key, number in orjson.loads(program.result or "{}").items()
            }
        else:
            found = await cluster.sums(rows)
        if found == events.sums or time.perf_counter() > deadline:
            return sum(found.get(key) != number for key, number in events.sums.items()) + len(
                found.keys() - events.sums
            )
        await asyncio.sleep(0.2)


def _environment(
    cluster: Cluster, peer: Peer, events: Source, settings: WorkerSettings, terms: Terms
) -> Mapping[str, str]:
    return {
        "BENCH_BOOTSTRAP": cluster.bootstrap,
        "BENCH_SOURCE": events.topic,
        "BENCH_SINK": sink(settings),
        "BENCH_GROUP": settings.group,
        "BENCH_EVENTS": str(events.events),
        "BENCH_PARTITIONS": str(PARTITIONS),
        "BENCH_FETCH_BYTES": str(terms.fetch_bytes),
        "BENCH_COMMIT_MS": str(int(terms.commit * 1000)),
        **({"PYTHONPATH": ""} if peer.python else {}),  # its packages are its own
        **(peer.environment or {}),
    }
