"""Bad records on a real broker become dead letters; mended and published again, the numbers are as if they had been right."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest

from incidentlog.bench.load import Produced
from incidentlog.quarantine import Letter, Wanted, letters, redrive
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import builtin
from incidentlog.worker import WorkerProcess
from support.poison import Poison
from support.quarantine import MENDED_ALONE, registered, spoiled
from support.stack import Stack, expected, new_stack

pytestmark = pytest.mark.integration


async def folded(stack: Stack) -> dict[str, int]:
    """Fold all there is; what the worker counted."""
    async with WorkerProcess(stack.settings()) as worker:
        await stack.settled()
        assert await worker.stop() == 0, await worker.messages()
    return worker.counts


async def everything(stack: Stack) -> list[Any]:
    """Every record of the event topics and of what is kept about letters."""
    topics = stack.topics
    found = await stack.read(*topics.counted, *topics.official, topics.dead_letters, topics.redriven)
    return sorted((each.topic, each.partition, each.offset, each.key, each.value) for each in found)


def mending(found: list[Letter], bad: dict[Poison, Produced]) -> dict[str, bytes]:
    """For every letter the event it was spoiled from."""
    good = {(each.topic, each.partition, each.key, each.value): event.value for each, event in bad.items()}
    return {each.id: good[each.origin.topic, each.origin.partition, each.key or b"", each.value] for each in found}


async def test_redriven_the_numbers_are_as_if_nothing_had_been_wrong(bootstrap: str) -> None:
    rng, stack = random.Random(9), await new_stack(bootstrap)
    topics, events = stack.topics, registered(1_200, seed=9)
    bad, right = spoiled(events[:120], topics), events[120:]
    byplace: dict[tuple[str, int], list[Any]] = defaultdict(list)
    mixed: list[Produced | Poison] = [*right, *bad]
    for each in rng.sample(mixed, len(mixed)):
        if isinstance(each, Poison):
            byplace[each.topic, each.partition].append((each.key, each.value, []))
        else:
            byplace[topics.events(each.home), partition_of(each.key, 4)].append((each.key, each.value, []))
    await stack.append(byplace)
    assert (await folded(stack))["refused"] == len(bad)
    assert await stack.rows() == expected(right)

    found = await letters(bootstrap, topics, Wanted())
    assert len(found) == len(bad)
    outcomes = await redrive(bootstrap, topics, builtin(), found)
    assert {each.outcome for each in outcomes} == {"appended", "refused"}
    still = await letters(bootstrap, topics, Wanted())
    assert {each.reason for each in still} == {each.reason for each in bad} - MENDED_ALONE
    outcomes = await redrive(bootstrap, topics, builtin(), still, edits=mending(still, bad))
    assert {each.outcome for each in outcomes} == {"appended"}

    counts = await folded(stack)
    assert (counts["refused"], counts["known"]) == (0, 0)
    assert await stack.rows() == expected([*right, *bad.values()])
    before = await everything(stack)
    assert len(found) == len(await letters(bootstrap, topics, Wanted(done=True)))

    # Twice: as the operator would, and as if all marks had been lost on the way.
    assert (
        await redrive(bootstrap, topics, builtin(), await letters(bootstrap, topics), edits=mending(found, bad)) == []
    )
    assert await everything(stack) == before
    forgotten = await redrive(bootstrap, topics, builtin(), found, edits=mending(found, bad))
    assert {each.outcome for each in forgotten} == {"known"}
    events_before = [each for each in before if each[0] in topics.counted]
    assert [each for each in await everything(stack) if each[0] in topics.counted] == events_before
    assert await letters(bootstrap, topics, Wanted()) == []
