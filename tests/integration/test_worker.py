"""The worker on a real broker: the rows it writes are those of the folds, and bad input does not stop it."""

from __future__ import annotations

import random

import pytest
from aiokafka import AIOKafkaProducer

from incidentlog.schemas.contributions import CellContribution, encode_contribution
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


async def test_contributions_of_an_aborted_transaction_count_for_nothing(bootstrap: str) -> None:
    events = list(generate(500, seed=2, nationalities=4))
    stack = await new_stack(bootstrap)
    told = CellContribution("rescued-by-nationality", "rescued/VNM/KHM", "", 9_999, 999, 999, 999, None, ())
    async with (
        WorkerProcess(stack.settings()) as worker,
        AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=stack.topics.prefix) as producer,
    ):
        await worker.ready()
        await producer.begin_transaction()
        for partition in range(4):
            await producer.send_and_wait(
                stack.topics.contributions, encode_contribution(told), told.key.encode(), partition
            )
        await producer.abort_transaction()
        await stack.publish(events)
        await stack.settled()
    assert await stack.rows() == expected(events)
