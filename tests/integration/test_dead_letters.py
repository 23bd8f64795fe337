"""Bad input on a real broker: each record becomes a dead letter with the exact reason, and folding goes on."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest

from incidentlog.schemas.dead_letters import origin
from incidentlog.schemas.partitioning import partition_of
from incidentlog.worker import WorkerProcess
from support.generate import Produced, generate
from support.poison import Poison, poisons
from support.stack import expected, new_stack

pytestmark = pytest.mark.integration


async def test_every_kind_of_bad_record_is_kept_with_its_reason_and_the_rest_is_folded(bootstrap: str) -> None:
    rng = random.Random(5)
    events = list(generate(3_500, seed=5, nationalities=8))
    stack = await new_stack(bootstrap)
    counted = [event for event in events if stack.topics.events(event.home) in stack.topics.counted]
    claims = [event for event in counted if b'"causationid"' not in event.value]
    bad = [each for good in rng.sample(claims, 11) for each in poisons(good, stack.topics)]  # 5 in 100
    byplace: dict[tuple[str, int], list[Any]] = defaultdict(list)
    letters: dict[tuple[str, int, int], Poison] = {}
    mixed: list[Produced | Poison] = [*events, *bad]
    for each in rng.sample(mixed, len(mixed)):
        if isinstance(each, Poison):
            place = each.topic, each.partition
            letters[(*place, len(byplace[place]))] = each
            byplace[place].append((each.key, each.value, [("trace", b"t1")]))
        else:
            place = stack.topics.events(each.home), partition_of(each.key, 4)
            byplace[place].append((each.key, each.value, []))
    await stack.append(byplace)
    async with WorkerProcess(stack.settings()) as worker:
        await stack.settled()
        assert await worker.stop() == 0, await worker.messages()
    assert worker.counts["refused"] == len(bad)
    found = {origin(record.headers): record for record in await stack.read(stack.topics.dead_letters)}
    assert {at: _told(record) for at, record in found.items()} == {at: _expected(each) for at, each in letters.items()}
    in_order: dict[tuple[str, int], list[int]] = defaultdict(list)
    for at in map(origin, (record.headers for record in await stack.read(stack.topics.dead_letters))):
        in_order[at.topic, at.partition].append(at.offset)
    assert all(offsets == sorted(set(offsets)) for offsets in in_order.values())
    assert await stack.rows() == expected(events)


def _told(record: Any) -> tuple[Any, ...]:
    headers = dict(record.headers)
    assert headers["detail"]
    told = [headers[name].decode() for name in ("trace", "reason", "event_type", "processor")]
    return record.key, record.value, *told


def _expected(poison: Poison) -> tuple[Any, ...]:
    return poison.key, poison.value, "t1", poison.reason, poison.event_type, "estimates"
