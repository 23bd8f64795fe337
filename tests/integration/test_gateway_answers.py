"""A gateway beside workers on a real broker: what was published is in the answer that waits for it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from incidentlog.client import Publisher
from incidentlog.client.kafka import KafkaBroker
from incidentlog.worker import WorkerProcess
from support.articles import events, rows
from support.gateway import Served, listening
from support.stack import new_stack

pytestmark = [pytest.mark.integration, pytest.mark.slow]
RESCUED = "rescued-by-nationality"


async def shown(here: Served, projection: str, *positions: str) -> dict[str, Any]:
    """The numbers of a projection, once what these records led to is in them."""
    answer = await here.client.get(
        f"/projections/{projection}", params={"limit": 1000, "min_position": list(positions)}
    )
    assert answer.status_code == 200, answer.text
    return {row["key"]: (row["low"], row["best"], row["high"]) for row in answer.json()["rows"]}


async def test_an_answer_that_waits_for_an_event_has_it(bootstrap: str) -> None:
    """Event by event, in any order: the next answer says what all so far come to, in both stages."""
    stack = await new_stack(bootstrap)
    told = random.Random(5).sample(events(), len(events()))
    async with (
        WorkerProcess(stack.settings(commit_interval=0.05)) as worker,
        listening(KafkaBroker(bootstrap), stack.topics, position_seconds=20.0) as (here, _),
        Publisher(bootstrap, topics=stack.topics) as publisher,
    ):
        await worker.ready()
        positions = []
        for number, event in enumerate(told[:12], 1):
            receipt = await publisher.publish(event)
            positions.append(f"{receipt.topic}:{receipt.partition}:{receipt.offset}")
            come_to = rows(told[:number])
            for projection in ("estimates", RESCUED):
                found = await shown(here, projection, positions[-1])
                for (name, key), row in come_to.items():
                    assert name != projection or found.get(key) == (row.low, row.best, row.high), (event.id, key)
        for event in told[12:]:
            receipt = await publisher.publish(event)
            positions.append(f"{receipt.topic}:{receipt.partition}:{receipt.offset}")
        found = await shown(here, RESCUED, *positions[-64:])
        assert found == {
            key: (row.low, row.best, row.high) for (name, key), row in rows(told).items() if name == RESCUED
        }
