"""Restarts with everything folded: from partitions assigned to live, with a short history and with a long one."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from aiokafka import AIOKafkaProducer

from incidentlog.bench.job.figures import Figure
from incidentlog.bench.job.ground import Ground, tables
from incidentlog.bench.job.runs import job, settings_for
from incidentlog.bench.load import Load, events
from incidentlog.local import Progress
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from incidentlog.worker import WorkerProcess
from incidentlog.worker.outbox import BATCH_BYTES, LARGEST_RECORD, NO_HEADERS, Outbox, send

PART = "restart"
_LIMIT = 600.0
_SLICE = 20_000
#: The broker's cleaner looks for work every fifteen seconds; it gets two looks.
_CLEANER_SECONDS = 35.0


async def measure(ground: Ground, claims: int, longer: int, rounds: int, told: Progress) -> list[Figure]:
    """Fold so many claims and restart; publish them all again, so often, write all rows again, and restart again.

    Statements are not written again: nothing that is known already adds to them.
    """
    topics, load = await ground.lay("restart", "v0"), Load.of(claims, seed=4)
    await ground.publish(topics, events(load), lambda done: told("Publishing for restarts", done, claims))
    await job(ground, topics)
    figures = await _restarted(ground, topics, f"{claims:,} claims, history as short as can be", rounds)
    for turn in range(longer):
        told("Writing history", turn, longer)
        await ground.publish(topics, events(load), lambda _: None)
        await _rewrite(ground, topics)
    await job(ground, topics)
    await asyncio.sleep(_CLEANER_SECONDS)
    figures += await _restarted(ground, topics, f"{claims:,} claims, history {longer + 1} times as long", rounds)
    await ground.clear(topics, events=True)
    return figures


async def _restarted(ground: Ground, topics: Topics, case: str, rounds: int) -> list[Figure]:
    seconds: list[float] = []
    for _ in range(rounds):
        async with WorkerProcess(settings_for(ground, topics)) as worker:
            await worker.ready(_LIMIT)
            seconds.append(worker.recovered[-1])
    records = [(await ground.table(topics, name, lambda _: False)).records for name in tables(topics).values()]
    return [
        Figure(PART, case, "assigned to live", "s", seconds, "≤ 5"),
        Figure(PART, case, "records in the tables", "", [sum(records)]),
    ]


async def _rewrite(ground: Ground, topics: Topics) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=ground.bootstrap,
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=LARGEST_RECORD,
    ) as producer:
        for name in set(tables(topics).values()) - {topics.statements}:
            newest = [*(await ground.table(topics, name)).newest.items()]
            for at in range(0, len(newest), _SLICE):
                outbox: Outbox = defaultdict(list)
                for key, value in newest[at : at + _SLICE]:
                    outbox[name, _place(topics, name, key)].append((key, value, NO_HEADERS))
                await send(producer, outbox)


def _place(topics: Topics, name: str, key: bytes) -> int:
    """Rows of cells are on their cell's partition, contributions on their roll-up's."""
    if name == topics.rows("estimates"):
        key = b"/".join(key.split(b"/")[:3])
    elif name == topics.contributions:
        key = key.partition(b"|")[0]
    return partition_of(key, topics.partitions)
