"""Workers come and go with the versions they keep, and whoever keeps them ends when one of them does."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import NoReturn

import pytest

from incidentlog.replay import Versions
from incidentlog.schemas.versions import NO_LIMITS, Kept
from incidentlog.topics import apply
from incidentlog.worker.errors import WorkerStopped
from incidentlog.worker.keeper import Keeper
from support.generate import generate
from support.stack import Stack, expected, told_stack

pytestmark = pytest.mark.integration


@asynccontextmanager
async def kept_by(stack: Stack) -> AsyncIterator[tuple[Keeper, asyncio.Task[NoReturn]]]:
    """Workers of all versions, kept inside the block."""
    keeper = Keeper(stack.settings(session_timeout=6.0, instance="kept"))
    keeping = asyncio.create_task(keeper.run())
    try:
        await keeper.ready()
        yield keeper, keeping
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError, WorkerStopped):
            await keeping
        await keeper.stop()


async def until(keeper: Keeper, versions: set[str]) -> None:
    """Wait until these versions have workers, and no others."""
    async with asyncio.timeout(30):
        while keeper.workers.keys() != versions:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)


async def test_versions_that_are_kept_have_workers_until_one_of_them_dies(bootstrap: str) -> None:
    stack = await told_stack(bootstrap, generate(500, seed=5))
    versions = Versions(stack.bootstrap, stack.topics)
    second = replace(stack, topics=replace(stack.topics, version="v2"))
    third = replace(stack, topics=replace(stack.topics, version="early"))
    async with kept_by(stack) as (kept, keeping):
        assert kept.workers.keys() == {"v1"}
        for other, limits in ((second, NO_LIMITS), (third, Kept(as_of="2022-03-31"))):
            await apply(stack.bootstrap, other.topics)
            await versions.keep(other.topics.version, limits)
        await until(kept, {"v1", "v2", "early"})
        await kept.ready()
        await stack.publish(generate(700, seed=6))
        for each in (stack, second, third):
            await each.settled()
        log = await stack.log()
        assert await stack.rows() == await second.rows() == expected(log)
        assert await third.rows() == expected(log, until=738_245)  # the last of March

        await versions.promote("v2")
        await versions.retire("v1")
        await versions.retire("early")
        await until(kept, {"v2"})
        await stack.publish(generate(100, seed=7))
        await second.settled()
        assert await second.rows() == expected(await stack.log())

        [worker] = kept.workers["v2"]
        worker.send(signal.SIGKILL)
        with pytest.raises(WorkerStopped, match="signal 9"):
            await asyncio.wait_for(keeping, 30)
