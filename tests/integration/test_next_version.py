"""An event type rises to a next version: old and new events side by side in the log, folded anew, the same numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from incidentlog.bench.job.truth import comparable
from incidentlog.client import History, Publisher, Subscriber
from incidentlog.client.refusals import IdConflict
from incidentlog.projections.flags import ID_CONFLICT
from incidentlog.replay import Versions
from incidentlog.replay.here import Limits, replay_here
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.envelope import parse_type
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.versions import NO_LIMITS
from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess
from support import next_version
from support.articles import events
from support.generate import Produced, generate
from support.next_version import NAME, lifted
from support.stack import Rows, Stack, expected, new_stack

pytestmark = pytest.mark.integration
#: A worker that speaks the next version.
NEXT = (str(Path(next_version.__file__)),)


def folded_into(stack: Stack, version: str) -> Stack:
    return replace(stack, topics=replace(stack.topics, version=version))


def types(log: list[Produced]) -> set[tuple[str, int]]:
    return {parse_type(orjson.loads(each.value)["type"]) for each in log}


async def rows_here(stack: Stack) -> Rows:
    """What this program comes to, that reads the log by itself."""
    replayed = await replay_here(stack.bootstrap, stack.topics, Limits(), lambda *_: None)
    assert replayed.refused == 0
    rows: list[dict[str, Any]] = [orjson.loads(encode_row(row)) for row in replayed.rows]
    return {(row["projection"], row["key"]): comparable(row) for row in rows}


async def folded(stack: Stack, version: str, program: tuple[str, ...]) -> Rows:
    """The rows of a version that is folded from the beginning, or on from where it is."""
    other = folded_into(stack, version)
    await apply(stack.bootstrap, other.topics)
    async with WorkerProcess(other.settings(), program=program) as worker:
        await other.settled()
        assert await worker.stop() == 0, await worker.messages()
    assert worker.counts["refused"] == 0
    return await other.rows()


async def test_a_type_rises_and_no_number_changes(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stack, rng = await new_stack(bootstrap), random.Random(7)
    every = list(generate(1_000, seed=7, nationalities=8))
    old, new = every[:600], every[600:]
    await stack.publish(old)
    assert await folded(stack, "v1", ("-m", "incidentlog.worker")) == expected(old)

    # Readers first: who knows the next version folds history, in which there is none of it yet, beside the live version.
    assert await folded(stack, "v2", NEXT) == expected(old)
    versions = Versions(stack.bootstrap, stack.topics)
    await versions.keep("v2", NO_LIMITS)
    await versions.promote("v2")
    async with Subscriber(stack.bootstrap, "rescued-by-nationality", topics=stack.topics) as subscriber:
        assert subscriber.version == "v2"

    # Then writers: new events, and old ones once more, said in the new way.
    again = rng.sample([each for each in old if types([each]) <= {(NAME, 1), ("ClaimCorrected", 1)}], 40)
    await stack.publish(lifted(each) for each in rng.sample([*new, *again], len(new) + len(again)))
    log = await stack.log()
    assert types(log) >= {(NAME, 1), (NAME, 2), ("ClaimCorrected", 1), ("ClaimCorrected", 2)}
    assert await folded(stack, "v2", NEXT) == expected(every)

    # And once more from the beginning, both ways.
    assert await folded(stack, "v3", NEXT) == expected(every)
    next_version.install(monkeypatch.setitem)
    rows = await rows_here(stack)
    assert rows == expected(every)
    assert not any(ID_CONFLICT in row.get("flags", ()) for row in rows.values())


async def test_publishers_of_the_next_version_know_what_was_said_before(
    bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = await new_stack(bootstrap)
    async with Publisher(stack.bootstrap, topics=stack.topics) as publisher:
        await publisher.publish_all(events())
    await folded(stack, "v1", ("-m", "incidentlog.worker"))
    await folded(stack, "v2", NEXT)
    old = next(encode(event) for event in events() if event.type == NAME)
    next_version.install(monkeypatch.setitem)
    said = decode(old)
    async with Publisher(stack.bootstrap, topics=stack.topics) as early:
        with pytest.raises(IdConflict):  # the live version was folded by who knows the old way alone
            await early.publish(said)
    versions = Versions(stack.bootstrap, stack.topics)
    await versions.keep("v2", NO_LIMITS)
    await versions.promote("v2")
    async with Publisher(stack.bootstrap, topics=stack.topics) as publisher:
        assert (await publisher.publish(said)).outcome == "known"
    async with History(stack.bootstrap, topics=stack.topics) as history:
        found = [recorded.event async for recorded in history.events([stack.topics.events(NAME)])]
    assert {type(event.data) for event in found} == {next_version.RescueReported}
