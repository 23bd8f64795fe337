"""A whole comparison: one broker, the same events for all, and rounds in which everyone has a turn."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from incidentlog.bench.errors import RunFailed, Unavailable
from incidentlog.bench.machine import broker
from incidentlog.bench.sums import setup
from incidentlog.bench.sums.cluster import Cluster
from incidentlog.bench.sums.peers import Peer
from incidentlog.bench.sums.runs import Run, Terms, run
from incidentlog.bench.sums.source import Source, events, sums
from incidentlog.local import Progress
from incidentlog.schemas.topics import Topics


@dataclass(slots=True)
class Result:
    """What was measured of whom, in the order of the peers, and who could not take part or failed, with the reason."""

    peers: Sequence[Peer]
    runs: list[Run] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def of(self, peer: Peer) -> list[Run]:
        """The runs of one peer."""
        return [run for run in self.runs if run.peer == peer.name]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many events over how many keys, in how many rounds; `bootstrap`: a broker of one's own."""

    events: int = 1_000_000
    keys: int = 200
    rounds: int = 5
    terms: Terms = field(default_factory=Terms)
    bootstrap: str = ""


async def compare(peers: Sequence[Peer], plan: Plan, told: Progress) -> Result:
    """Run everyone in turns, and again; a peer that fails once does not get another turn."""
    result = Result(peers)
    commands = await _commands(peers, result, told)
    async with (
        broker(plan.bootstrap, told) as bootstrap,
        Cluster(bootstrap, f"bench-{uuid.uuid4().hex[:8]}") as cluster,
    ):
        sources = await _sources(cluster, plan, [peer for peer in peers if peer.name in commands], told)
        turns = [(turn, peer) for turn in range(plan.rounds) for peer in peers if peer.name in commands]
        for number, (turn, peer) in enumerate(turns):
            if peer.name in result.failed:
                continue
            told(f"Measuring, round {turn + 1} of {plan.rounds}: {peer.name}", number, len(turns))
            try:
                result.runs.append(
                    await run(
                        cluster, peer, commands[peer.name], sources[peer.share], f"{peer.name}-{turn}", plan.terms
                    )
                )
            except RunFailed as error:
                result.failed[peer.name] = str(error)
    return result


async def _commands(peers: Sequence[Peer], result: Result, told: Progress) -> dict[str, list[str]]:
    commands = {}
    for peer in peers:
        try:
            commands[peer.name] = await setup.command(peer, told)
        except Unavailable as error:
            result.absent[peer.name] = error.reason
    return commands


async def _sources(cluster: Cluster, plan: Plan, peers: Sequence[Peer], told: Progress) -> Mapping[float, Source]:
    """A topic for each share of the events that someone is given: the first so many of the same."""
    sources = {}
    for share in sorted({peer.share for peer in peers}):
        count = max(1, round(plan.events * share))
        topic = Topics(f"{cluster.prefix}-{count}").events("RescueReported")
        await cluster.create(topic, compacted=False)
        records = ((topic, event.key, event.value) for event in events(count, plan.keys))
        await cluster.append(records, partial(told, f"Publishing {count:,} events", total=count))
        sources[share] = Source(topic, count, sums(islice(events(plan.events, plan.keys), count)))
    return sources
