"""A worker that is asked to stop, or that must: quickly, with everything stored that is committed and nothing lost."""

from __future__ import annotations

import signal
import time

import orjson
import pytest
from aiokafka import TopicPartition

from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import Stack, expected, new_stack

pytestmark = pytest.mark.integration

#: A worker whose fold changes its state and then raises, on one claim.
FAULTY = """
from incidentlog.projections.lane import Lane
from incidentlog.worker.__main__ import main
add = Lane.add
def broken(self, cell, statement):
    changed = add(self, cell, statement)
    if statement.id == "{id}":
        raise ZeroDivisionError("half way")
    return changed
Lane.add = broken
raise SystemExit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.whole)])
async def test_asked_to_stop_it_stores_and_commits_what_it_holds(
    bootstrap: str, number: signal.Signals, *, whole: bool
) -> None:
    events = list(generate(30_000 if whole else 8_000, seed=3, nationalities=30))
    stack = await new_stack(bootstrap)
    await stack.publish(events)
    async with WorkerProcess(
        stack.settings(rate=0.0 if whole else 2_000.0)
    ) as worker:  # it is to be stopped while folding
        await stack.begun()
        asked = time.monotonic()
        worker.send(number)
        assert await worker.ended() == 0, await worker.messages()
        assert time.monotonic() - asked < 5
    stored = await stack.stored_ids()
    assert 0 < len(stored) < len(events), "it was to be stopped while folding"
    assert stored == await stack.committed_ids()
    async with WorkerProcess(stack.settings()) as worker:
        await stack.settled()
        await worker.stop()
        assert worker.counts == {
            "events": len(events) - len(stored),
            "known": 0,
            "refused": 0,
            "pid": worker.process.pid,
        }
    assert await stack.rows() == expected(events)


async def test_a_fold_that_raises_stops_the_worker_and_loses_nothing(bootstrap: str) -> None:
    events = list(generate(2_000, seed=7, nationalities=10))
    stack = await new_stack(bootstrap)
    await stack.publish(events)
    claim = orjson.loads(next(event.value for event in events[500:] if event.home == "RescueReported"))["id"]
    topic, partition, offset = await _place_of(stack, claim)
    for _ in range(2):  # it stops there again and again, until it is mended
        faulty = WorkerProcess(
            stack.settings(session_timeout=6.0, instance="one"), program=("-c", FAULTY.replace("{id}", claim))
        )
        await faulty.start()
        assert await faulty.ended() == 1
        said = await faulty.messages()
        assert said.startswith(f"{topic} partition {partition} offset {offset}: the fold failed on this RescueReported")
        assert "ZeroDivisionError: half way" in said
        assert "Traceback" not in said
        assert (await stack.committed()).get(TopicPartition(topic, partition), 0) <= offset
    assert claim not in await stack.stored_ids()
    async with WorkerProcess(stack.settings(session_timeout=6.0, instance="one")):
        await stack.settled()
    assert await stack.rows() == expected(events)


async def _place_of(stack: Stack, event_id: str) -> tuple[str, int, int]:
    for record in await stack.read(*stack.topics.counted):
        if orjson.loads(record.value)["id"] == event_id:
            return record.topic, record.partition, record.offset
    raise AssertionError("no such claim")
