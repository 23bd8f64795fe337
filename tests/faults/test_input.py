"""Input as it should not be: repeated, in any order, poisoned, from clocks that jump, too large."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from incidentlog.client import EventTooLarge, Publisher
from incidentlog.schemas.codec import encode
from incidentlog.schemas.dead_letters import origin
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.worker import WorkerProcess
from support.generate import Produced, generate
from support.poison import Poison, poisons
from support.publishing import article, many, recorded, rescue
from support.stack import Stack, expected, new_stack
from support.trials import Trial

pytestmark = pytest.mark.integration

_CLI = ("-c", "from incidentlog.cli.main import main; main()")
#: The system's clock jumps by up to a day either way from one look to the next; then a program runs.
CLOCK = """
import datetime, random, sys, time
rng, real = random.Random({seed}), time.time
time.time = lambda: real() + rng.choice((-86400, -3601, 0, 3601, 86400))
class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)
datetime.datetime = Jumping
from aiokafka.producer.message_accumulator import BatchBuilder
append = BatchBuilder.append
def stamped(self, *, timestamp, **rest):  # the library asks the system itself
    return append(self, timestamp=timestamp or int(time.time() * 1000), **rest)
BatchBuilder.append = stamped
"""
_JUMPING_CLI = CLOCK + "from incidentlog.cli.main import main; main()"
_JUMPING_WORKER = CLOCK + "from incidentlog.worker.__main__ import main; raise SystemExit(main())"


async def _publish(stack: Stack, file: Path, program: Sequence[str] = _CLI) -> dict[str, int]:
    """What one process of `incidentlog publish` says it has done."""
    call = (*program, "publish", str(file), "--bootstrap", stack.bootstrap, "--prefix", stack.topics.prefix, "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *call, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    counts: dict[str, int] = orjson.loads(told.splitlines()[-1])
    return counts


@pytest.mark.fault("P5", "three processes publish the same file at once", seed=5)
async def test_what_is_published_three_times_counts_once(bootstrap: str, trial: Trial, tmp_path: Path) -> None:
    events = list(map(recorded, many(trial.size(600, 50_000), trial.seed)))
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(event.value for event in events))
    stack = await new_stack(bootstrap)
    async with WorkerProcess(stack.settings()) as worker:
        told = await asyncio.gather(*(_publish(stack, file) for _ in range(3)))
        trial.injected(2)
        await stack.settled(trial.within(120))
        assert await worker.stop() == 0, await worker.messages()
    assert all(counts["appended"] + counts["known"] == len(events) for counts in told)
    assert sum(counts["known"] for counts in told) + worker.counts["known"] == 2 * len(events)
    await trial.judge(stack, events)


@pytest.mark.whole  # in short the properties of the folds see to it
@pytest.mark.fault("P6", "events in another order, 20 times through the broker, 20 in process", seed=6)
async def test_no_order_changes_a_number(bootstrap: str, trial: Trial) -> None:
    events = list(generate(50_000, seed=trial.seed, nationalities=10))
    oracle = expected(events)
    for _ in range(20):
        shuffled = trial.rng.sample(events, len(events))
        trial.injected()
        stack = await new_stack(bootstrap)
        async with WorkerProcess(stack.settings()):
            for start in range(0, len(shuffled), 1_000):
                await stack.publish(shuffled[start : start + 1_000])
            await stack.settled(trial.within(120))
        await trial.judge(stack, shuffled)
    for _ in range(20):
        trial.injected()
        assert expected(trial.rng.sample(events, len(events))) == oracle, f"seed {trial.seed}"


@pytest.mark.fault("P7", "one record in twenty is poison", seed=7)
async def test_poison_becomes_dead_letters_and_the_rest_is_folded(bootstrap: str, trial: Trial) -> None:
    events = list(generate(trial.size(2_000, 100_000), seed=trial.seed, nationalities=20))
    stack = await new_stack(bootstrap)
    claims = [each for each in events if each.home == "RescueReported" and b'"causationid"' not in each.value]
    kinds = len(poisons(claims[0], stack.topics))
    bad = [
        each for good in trial.rng.sample(claims, len(events) // 20 // kinds) for each in poisons(good, stack.topics)
    ]
    mixed: list[Produced | Poison] = trial.rng.sample([*events, *bad], len(events) + len(bad))
    byplace: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for each in mixed:
        place = (
            (each.topic, each.partition)
            if isinstance(each, Poison)
            else (stack.topics.events(each.home), partition_of(each.key, 4))
        )
        byplace[place].append((each.key, each.value, []))
    trial.injected(len(bad))
    async with WorkerProcess(stack.settings()) as worker:
        await stack.append(byplace)
        async with trial.recovery(stack):
            await stack.settled(trial.within(120))
        assert await worker.stop() == 0, await worker.messages()
    letters = await stack.read(stack.topics.dead_letters)
    assert len({origin(letter.headers) for letter in letters}) == len(letters) == len(bad) == worker.counts["refused"]
    reasons = [dict(letter.headers)["reason"].decode() for letter in letters]
    assert sorted(reasons) == sorted(each.reason for each in bad)
    await trial.judge(stack, events)


@pytest.mark.fault("P10", "clocks of publishers and the worker jump by up to a day", seed=10)
async def test_no_clock_changes_a_number(bootstrap: str, trial: Trial, tmp_path: Path) -> None:
    events = many(trial.size(300, 20_000), trial.seed)
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(map(encode, events)))
    stack = await new_stack(bootstrap)
    jumping = ("-c", _JUMPING_CLI.replace("{seed}", str(trial.seed)))
    program = ("-c", _JUMPING_WORKER.replace("{seed}", str(trial.seed)))
    async with WorkerProcess(stack.settings(), program=program) as worker:
        async with trial.recovery(stack):
            await worker.ready()
        told = await asyncio.gather(*(_publish(stack, file, jumping) for _ in range(trial.size(1, 2))))
        trial.injected(trial.size(2, 3))
        await stack.settled(trial.within(120))
        assert await worker.stop() == 0, await worker.messages()
    assert all(counts["appended"] + counts["known"] == len(events) for counts in told)
    assert {orjson.loads(event.value)["id"] for event in await stack.log()} >= {event.id for event in events}
    await trial.judge(stack, await stack.log())


@pytest.mark.fault("P14", "records of 1 byte to 60 MB, some of them compressed", seed=14)
async def test_no_size_wedges_the_worker(bootstrap: str, trial: Trial) -> None:
    limit = 64 << 10
    events = list(generate(500, seed=trial.seed, nationalities=5))
    stack = await new_stack(bootstrap)
    good = [_padded(event, limit) for event in events[:20] if event.home == "RescueReported"][:2]
    topic = stack.topics.events("RescueReported")
    async with WorkerProcess(stack.settings()) as worker:
        sizes = trial.size((1, limit + 1, (16 << 20) - 200), (1, 1_000, limit + 1, 1 << 20, 15 << 20, (16 << 20) - 200))
        for size in sizes:
            await _send(stack, topic, good[0].key, good[0].value.ljust(size)[:size])
        for size in trial.size((20 << 20,), (17 << 20, 20 << 20, 60 << 20)):
            await _send(stack, topic, good[0].key, good[0].value.ljust(size), compression_type="gzip")
        for size in trial.size((20 << 20,), (16 << 20, 17 << 20, 20 << 20)):
            with pytest.raises(MessageSizeTooLargeError):
                await _send(stack, topic, good[0].key, good[0].value.ljust(size))
        trial.injected(trial.size(5, 12))
        await stack.publish([*good, *events])
        async with trial.recovery(stack):
            await stack.settled(trial.within(120))
        assert await worker.stop() == 0, await worker.messages()
    letters = [dict(record.headers) for record in await stack.read(stack.topics.dead_letters)]
    assert len(letters) == trial.size(4, 9), letters
    assert {letter["reason"] for letter in letters} == {b"oversized", b"invalid_json"}
    await _refused_at_the_edge(stack, limit)
    await trial.judge(stack, [*good, *events])


async def _refused_at_the_edge(stack: Stack, limit: int) -> None:
    small = rescue(article())
    evidence = small.data.evidence.model_copy(update={"offsets": ((0, 10**9),) * 6_000})  # type: ignore[union-attr]
    event = Event(small.id, small.source, small.data.model_copy(update={"evidence": evidence}))
    async with Publisher(stack.bootstrap, topics=stack.topics) as publisher:
        with pytest.raises(EventTooLarge, match=f"the limit is {limit:,}") as caught:
            await publisher.publish(event)
    assert caught.value.size > caught.value.limit == limit


def _padded(event: Produced, size: int) -> Produced:
    return event._replace(value=event.value.ljust(size))


async def _send(stack: Stack, topic: str, key: bytes, value: bytes, **options: Any) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=stack.bootstrap, max_request_size=80 << 20, max_batch_size=80 << 20, **options
    ) as producer:
        await producer.send_and_wait(topic, value, key, partition=partition_of(key, stack.topics.partitions))
