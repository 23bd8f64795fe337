"""The worker on a real broker: the rows it writes are those of the folds, and bad input does not stop it."""

from __future__ import annotations

import random

import pytest

from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import expected, new_stack

pytestmark = pytest.mark.integration


async def test_shuffled_claims_end_in_the_rows_of_the_folds(bootstrap: str) -> None:
    events = list(generate(3_000, seed=11, nationalities=12))
    shuffled = random.Random(11).sample(events, len(events))
    stack = await new_stack(bootstrap)
    await stack.publish(shuffled[:1_000])
    async with WorkerProcess(stack.settings()) as worker:
        await worker.ready()
        await stack.publish(shuffled[1_000:] + shuffled[:200])
        await stack.settled()
    assert await stack.rows() == expected(events)
