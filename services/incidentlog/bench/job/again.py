"""History folded again into a version of its own: how fast while the live one is idle, and what it costs those who watch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

from incidentlog.bench.errors import RunFailed
from incidentlog.bench.job import latency
from incidentlog.bench.job.figures import Figure
from incidentlog.bench.job.ground import Ground
from incidentlog.bench.job.runs import job, live
from incidentlog.bench.load import Load, Produced, events
from incidentlog.client.background import running
from incidentlog.local import Progress
from incidentlog.replay import Rebuild

PART = "history again"


async def speed(ground: Ground, count: int, rounds: int, told: Progress) -> list[Figure]:
    """Folding history once more beside a live worker with nothing to do, beside the live fold; both from nothing to the last
    roll-up, but a replay also starts its worker."""
    topics = await ground.lay("again", "v0")
    await ground.publish(topics, events(Load.of(count)), lambda done: told("Publishing history", done, count))
    first, again = list[float](), list[float]()
    for turn in range(rounds):
        told("Folding history twice", turn, rounds)
        before = await ground.lay("again", f"live{turn}")
        after = await ground.lay("again", f"again{turn}")
        first.append((await job(ground, before)).wall)
        async with live(ground, before):
            again.append(await _seconds(Rebuild(ground.bootstrap, after)))
        for each in (before, after):
            await ground.clear(each)
    await ground.clear(topics, events=True)
    case = f"{count:,} events"
    return [
        Figure(PART, case, "live fold", "µs/event", [1e6 * seconds / count for seconds in first]),
        Figure(PART, case, "replay --into, the live version idle", "µs/event", [1e6 * seconds / count for seconds in again]),
        Figure(PART, case, "its rate, of the live fold's", "times",
               [one / other for one, other in zip(first, again, strict=True)], "≥ 0.8"),
    ]  # fmt: skip


async def held_back(
    ground: Ground, rate: int, seconds: float, replay_rate: int, rounds: int, told: Progress
) -> list[Figure]:
    """Latency of the live version without and with a replay beside it that is held back, in turns."""
    made = latency.claims(int(rate * (seconds + latency.WARM_SECONDS)))
    first = int(rate * latency.WARM_SECONDS)
    found: dict[str, list[list[float]]] = {"alone": [], "beside": []}
    enough = int(replay_rate * (seconds + 4 * latency.WARM_SECONDS))
    for turn in range(-1, rounds):  # the first is for a broker that has just started
        for name, delays in found.items():
            told("Measuring latency beside a replay", max(0, turn), rounds)
            topics = await ground.lay(f"{name}{turn + 1}", "v0")
            await ground.publish(topics, _elsewhere(enough), lambda _: None)
            await job(ground, topics)
            again = Rebuild(ground.bootstrap, replace(topics, version="again"), rate=replay_rate)
            async with running(_endless(again) if name == "beside" else asyncio.sleep(0)):
                _, rollup, _ = await latency.ours(ground, topics, made, rate, 0.02)
            if turn >= 0:
                delays.append(rollup.delays(first))
            await ground.clear(topics, events=True)
    case = f"{rate:,} events/s live, replay --into at {replay_rate:,} events/s"
    tails = {name: [each[int(len(each) * 0.99)] for each in runs] for name, runs in found.items()}
    return [
        *(Figure(PART, case, f"roll-up, {name}: p99", "ms", each) for name, each in tails.items()),
        Figure(PART, case, "p99, of that alone", "times",
               [there / here for here, there in zip(*tails.values(), strict=True)], "≤ 2"),
    ]  # fmt: skip


async def _seconds(rebuild: Rebuild) -> float:
    begun = time.perf_counter()
    stands = await rebuild.run(lambda _: None)
    if not stands.complete:
        raise RunFailed("replay --into", "ended before it was complete", "")
    return time.perf_counter() - begun


async def _endless(rebuild: Rebuild) -> None:
    """It must not be through before the measurement is."""
    await rebuild.run(lambda _: None)
    raise RunFailed("replay --into", "was through before latency was measured", "")


def _elsewhere(count: int) -> Iterator[Produced]:
    """History that changes none of the numbers which latency is measured by."""
    load = Load.of(2 * count)
    wanted = (each for each in events(load) if not each.key.startswith(b"rescued/"))
    return (each for each, _ in zip(wanted, range(count), strict=False))
