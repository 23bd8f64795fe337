"""A worker's metrics and health on a real broker: each number is what was planted, and health follows what happens."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from typing import Any

import orjson
import pytest

from incidentlog.schemas import records
from incidentlog.schemas.dead_letters import origin
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.worker import WorkerProcess
from support.articles import events
from support.generate import Produced
from support.metrics import becomes, health, named, scraped
from support.poison import poisons
from support.stack import Stack, new_stack
from support.waiting import until

pytestmark = pytest.mark.integration
ARTICLES = [
    Produced(
        each.home, str(each.cell).encode(), orjson.dumps({**wrap(each), "recordedtime": "2022-10-01T12:00:00.000000Z"})
    )
    for each in events()
]
#: A worker that looks more often, and has less patience; `hang` stops it somewhere.
HASTY = """
from incidentlog.client import lookout
from incidentlog.worker import health, observer
lookout.PATIENCE, observer.LOOK, observer.STILL_SECONDS, health.BLIND_SECONDS = 1.0, 0.3, 3.0, 4.0
{hang}
from incidentlog.worker.__main__ import main
raise SystemExit(main())
"""
#: From then on that a claim is there, the writer of its partition number stores nothing more.
HANGING = """
import asyncio
from incidentlog.worker.writer import Writer
store = Writer.store
async def hang(self, outbox):
    if any((key or b"").endswith(b"#{mark}") for sent in outbox.values() for key, _, _ in sent):
        await asyncio.Event().wait()
    await store(self, outbox)
Writer.store = hang
"""
#: Or the whole process folds for ever.
BUSY = """
import time
from incidentlog.projections.lane import Lane
add = Lane.add
def hang(self, cell, statement):
    while "{mark}" in statement.id:
        time.sleep(0.01)
    return add(self, cell, statement)
Lane.add = hang
"""


async def planted(stack: Stack) -> tuple[int, int, Counter[str]]:
    """Publish the articles, some of them again, and bad records; how many of each there are."""
    again = random.Random(1).sample(ARTICLES, 20)
    good = next(each for each in ARTICLES if each.home == "RescueReported")
    bad = poisons(good, stack.topics)
    byplace: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for each in (*ARTICLES, *again):
        byplace[stack.topics.events(each.home), partition_of(each.key, 4)].append((each.key, each.value, []))
    for poison in bad:
        byplace[poison.topic, poison.partition].append((poison.key, poison.value, []))
    await stack.append(byplace)
    return len(again), len(bad), Counter(each.reason for each in bad)


async def test_each_metric_is_what_was_planted(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENTLOG_LOG", "json")
    stack = await new_stack(bootstrap)
    again, bad, reasons = await planted(stack)
    async with WorkerProcess(stack.settings(metrics_port=0)) as worker:
        await worker.ready()
        await stack.settled()
        await becomes(worker.metrics_url, lambda told: told["lag"] and not any(each["records"] for each in told["lag"]))
        found = await scraped(worker.metrics_url)
        told = (await health(worker.metrics_url, "readyz"))[1]
        await worker.stop()
        lines = [orjson.loads(line) for line in (await worker.messages()).splitlines()]
    w = "incidentlog_worker_"
    assert named(found, w + "events_folded_total", version="v1") == len(ARTICLES) + again + bad
    assert named(found, w + "events_known_total") == again
    assert {reason: named(found, w + "dead_letters_total", reason=reason) for reason in reasons} == reasons
    for name in PROJECTIONS:
        written = len(await stack.read(stack.topics.rows(name)))
        assert named(found, w + "rows_written_total", projection=name) == written, name
    assert (
        named(found, w + "statements_written_total") == len(await stack.read(stack.topics.statements)) == len(ARTICLES)
    )
    assert named(found, w + "stored_after_seconds_count", stage="estimates") == len(ARTICLES) + again + bad
    assert named(found, w + "stored_after_seconds_count", stage="rollups") == len(
        await stack.read(stack.topics.contributions)
    )
    for stage in ("estimates", "rollups"):
        assert named(found, w + "transaction_seconds_count", stage=stage) >= 1
        assert named(found, w + "owned_partitions", stage=stage) == named(found, w + "partitions", stage=stage) == 4
        assert named(found, w + "transaction_failures_total", stage=stage) == 0
        assert named(found, w + "fences_total", stage=stage) == 0
        assert named(found, w + "lag_records", stage=stage) == named(found, w + "lag_seconds", stage=stage) == 0
    assert named(found, w + "rebalances_total") == named(found, w + "recovery_seconds_count") == 1
    assert round(named(found, w + "recovery_seconds_sum"), 3) == worker.recovered[0]
    assert named(found, w + "commit_failures_total") == named(found, w + "broker_silent_seconds") == 0
    cells = [cell for cell, _ in (records.read(wrap(each))[1:] for each in events()) if not cell.official]
    assert named(found, w + "cells") == len(set(cells))
    assert named(found, w + "statements") == len(cells)
    rows = [orjson.loads(each.value) for each in await stack.read(stack.topics.rows("estimates"))]
    live = {row["key"]: row["live"] for row in rows if row["key"].count("/") == 2}
    assert named(found, w + "live_claims") == sum(live.values())
    newest = max(each.timestamp for each in await stack.read(*stack.topics.counted, *stack.topics.official))
    stamps = [
        value
        for (name, labels), value in found.items()
        if name == w + "applied_timestamp_seconds" and ("stage", "estimates") in labels
    ]
    assert max(stamps) * 1000 == pytest.approx(newest)
    assert 30e6 < named(found, "process_resident_memory_bytes") < named(found, "incidentlog_memory_limit_bytes")
    letters = [each for each in lines if each["message"].startswith("a record became a dead letter")]
    assert len(letters) >= 5, "no more than that of one kind in a second"
    origins = {tuple(origin(each.headers)) for each in await stack.read(stack.topics.dead_letters)}
    assert {(each["topic"], each["partition"], each["offset"]) for each in letters} <= origins
    assert {each["reason"] for each in letters} <= reasons.keys()
    assert {"recovered, and folds"} <= {each["message"] for each in lines}
    assert told["owned"] == {"estimates": [0, 1, 2, 3], "rollups": [0, 1, 2, 3]}
    assert told["last_applied"]["topic"] in {*stack.topics.counted, *stack.topics.official, stack.topics.contributions}


@pytest.mark.parametrize(
    "hang",
    [
        pytest.param(HANGING, id="a store that hangs"),
        pytest.param(BUSY, id="a fold that hangs", marks=pytest.mark.whole),
    ],
)
async def test_a_stalled_partition_is_told_and_an_idle_topic_is_not(bootstrap: str, hang: str) -> None:
    stack = await new_stack(bootstrap)
    one = next(each for each in ARTICLES if each.home == "RescueReported")
    number, mark = partition_of(one.key, 4), orjson.loads(one.value)["id"]
    await stack.publish(each for each in ARTICLES if each.key != one.key)
    settings = stack.settings(metrics_port=0, stop_timeout=1.0)
    worker = WorkerProcess(settings, program=("-c", HASTY.replace("{hang}", hang.replace("{mark}", mark))))
    await worker.start()
    await worker.ready()
    await stack.settled()
    await becomes(worker.metrics_url, lambda told: bool(told["ready"]))
    await stack.publish([one])
    [record] = [each for each in await stack.read(stack.topics.events(one.home)) if each.value == one.value]
    told = await becomes(worker.metrics_url, lambda told: not told["live"], seconds=15)
    assert (await health(worker.metrics_url, "livez"))[0] == 503
    assert f"estimates partition {number}" in told["why"][0]
    found = await scraped(worker.metrics_url)
    assert named(found, "incidentlog_worker_live") == named(found, "incidentlog_worker_ready") == 0
    if hang is HANGING:
        where = {"stage": "estimates", "partition": str(number)}
        assert named(found, "incidentlog_worker_lag_records", **where) == 1
        age = time.time() - record.timestamp / 1000
        assert named(found, "incidentlog_worker_lag_seconds", **where) == pytest.approx(age, abs=0.5)
        assert named(found, "incidentlog_worker_stalled", **where) == named(found, "incidentlog_worker_stalled") == 1
    await worker.stop(0)


@pytest.mark.whole
async def test_workers_of_all_versions_are_watched_as_one(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    await stack.publish(ARTICLES)
    settings = stack.settings()
    options = ("--bootstrap", bootstrap, "--prefix", settings.prefix, "--patience", "10", "--metrics-port", "0")
    keeper = WorkerProcess(settings, program=("-m", "incidentlog.worker", "--every-version", *options))
    keeper._arguments = keeper._arguments[: -len(("--settings", "…", "--watch-parent"))]
    await keeper.start()
    try:
        await until(lambda: keeper.metrics_url)
        told = await becomes(keeper.metrics_url, lambda told: bool(told["ready"]))
        await stack.settled()
        found = await scraped(keeper.metrics_url)
        assert list(told["workers"]) == ["v1-1"]
        assert named(found, "incidentlog_worker_events_folded_total", version="v1", worker="v1-1") == len(ARTICLES)
        assert named(found, "process_resident_memory_bytes", worker="keeper") > 0
        assert named(found, "process_resident_memory_bytes", worker="v1-1") > 0
    finally:
        assert await keeper.stop() == 0
