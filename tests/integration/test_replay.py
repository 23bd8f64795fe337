"""A version folded from history beside the live one: equal to it, resumable, promoted only when complete, retired."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
import pytest_asyncio

from incidentlog.client import Subscriber
from incidentlog.replay import Rebuild, Standing, Versions
from incidentlog.replay.errors import KeptOtherwise, NoSuchVersion, VersionBehind, VersionIsLive
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.schemas.versions import Kept
from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.stack import Rows, Stack, expected, told_stack

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stack(bootstrap: str) -> Stack:
    """An installation with history. Nobody adds to it: each test folds it into versions of its own."""
    return await told_stack(bootstrap, generate(1_500, seed=11))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def right(stack: Stack) -> Rows:
    """The rows of that history."""
    return expected(await stack.log())


def other(stack: Stack, version: str) -> Stack:
    """The same installation, another version."""
    return replace(stack, topics=replace(stack.topics, version=version))


async def test_a_version_from_history_equals_the_live_one_and_takes_its_place(stack: Stack, right: Rows) -> None:
    async with WorkerProcess(stack.settings()) as worker:
        await worker.ready()
        await stack.settled()
        second, versions = other(stack, "v2"), Versions(stack.bootstrap, stack.topics)
        heard: list[Standing] = []
        stands = await Rebuild(stack.bootstrap, second.topics).run(heard.append)
        assert stands.complete
        assert stands.total == 1_500
        live = await stack.rows()
        assert await second.rows() == live == right
        assert await versions.promote("v2") == "v1"
        async with Subscriber(stack.bootstrap, PROJECTIONS[1], topics=stack.topics) as subscriber:
            assert subscriber.version == "v2"
            assert len(await subscriber.snapshot()) == sum(name == PROJECTIONS[1] for name, _ in live)
        listed = {each.name: (each.live, each.kept) for each in await versions.all()}
        assert (listed["v1"], listed["v2"]) == ((False, Kept()), (True, Kept()))
        with pytest.raises(VersionIsLive, match="v2 is live: it can't be retired"):
            await versions.retire("v2")
        assert await versions.promote("v1") == "v2"
        assert len(await versions.retire("v2")) == 10
        assert "v2" not in {each.name for each in await versions.all()}


async def test_a_replay_that_was_stopped_goes_on_where_it_was(stack: Stack, right: Rows) -> None:
    second, versions = other(stack, "halted"), Versions(stack.bootstrap, stack.topics)
    heard: list[Standing] = []
    begun = asyncio.create_task(Rebuild(stack.bootstrap, second.topics, rate=750).run(heard.append))
    while not any(0 < each.left < each.total for each in heard):
        assert not begun.done(), begun.exception()
        await asyncio.sleep(0.01)
    begun.cancel()
    with suppress(asyncio.CancelledError):
        await begun
    with pytest.raises(VersionBehind, match=r"halted is behind: [\d,]+ events are not folded; run `incidentlog replay"):
        await versions.promote("halted")
    left = heard[-1].left
    heard.clear()
    await Rebuild(stack.bootstrap, second.topics).run(heard.append)
    assert heard[0].left <= left < heard[0].total
    assert await second.rows() == right


async def test_a_version_may_end_with_a_day_and_keeps_to_it(stack: Stack) -> None:
    day = "2022-09-30"
    second, kept = other(stack, "upto"), Kept(as_of=day)
    await Rebuild(stack.bootstrap, second.topics, kept).run(lambda _: None)
    assert await second.rows() == expected(await stack.log(), until=date.fromisoformat(day).toordinal())
    with pytest.raises(KeptOtherwise, match=f"upto is kept as of {day}, not without limits"):
        await Rebuild(stack.bootstrap, second.topics).run(lambda _: None)


async def test_what_cannot_be(stack: Stack) -> None:
    versions = Versions(stack.bootstrap, stack.topics)
    with pytest.raises(VersionIsLive, match="v1 is live: it can't be replayed into"):
        await Rebuild(stack.bootstrap, stack.topics).run(lambda _: None)
    with pytest.raises(NoSuchVersion, match=r"no version is called v7: there is .*v1.*; make it with"):
        await versions.promote("v7")
    await apply(stack.bootstrap, other(stack, "v3").topics)
    with pytest.raises(VersionBehind):
        await versions.promote("v3")
