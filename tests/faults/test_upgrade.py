"""A running service goes to the next release: workers one by one, then a version beside the live one, promoted under load.

The next release is `support.next_version`: an event type rises, which workers of this release cannot read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from incidentlog.bench.job.truth import comparable
from incidentlog.client import Subscriber
from incidentlog.quarantine import Wanted, letters, redrive
from incidentlog.replay import Versions
from incidentlog.replay.errors import VersionBehind
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.versions import NO_LIMITS
from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess
from support import next_version
from support.crew import Crew
from support.generate import Produced, generate
from support.load import registers_of_load
from support.next_version import lifted
from support.stack import Rows, Stack, expected, new_stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]
#: A worker of the next release.
NEXT = (str(Path(next_version.__file__)),)
RESCUED = "rescued-by-nationality"
_PORTION = 60


@asynccontextmanager
async def load(stack: Stack, events: Sequence[Produced], pause: float) -> AsyncIterator[asyncio.Task[None]]:
    """Events come all the time meanwhile; all of them are there in the end, and once what it gives is awaited."""

    async def come() -> None:
        for first in range(0, len(events), _PORTION):
            await stack.publish(events[first : first + _PORTION])
            await asyncio.sleep(pause)

    coming = asyncio.create_task(come())
    yield coming
    await coming


class Following:
    """A subscriber that stays connected throughout. `versions` are those it was at, one entry for each time that changed."""

    def __init__(self, stack: Stack) -> None:
        self.subscriber = Subscriber(stack.bootstrap, RESCUED, topics=stack.topics)
        self.versions: list[str] = []

    async def follow(self) -> None:
        async for change in self.subscriber:
            if not change.more and self.versions[-1:] != [self.subscriber.version]:
                self.versions.append(self.subscriber.version)

    def rows(self) -> Rows:
        return {(RESCUED, key): comparable(orjson.loads(encode_row(row))) for key, row in self.subscriber.rows.items()}

    async def shows(self, rows: Rows, seconds: float) -> None:
        """Wait until it has exactly these rows."""
        async with asyncio.timeout(seconds):
            while self.rows() != rows:  # noqa: ASYNC110 - it tells nobody but the follower
                await asyncio.sleep(0.05)


async def promoted(versions: Versions, name: str, seconds: float) -> None:
    """Promote it as soon as it is not behind: events keep coming."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                await versions.promote(name)
            except VersionBehind:
                await asyncio.sleep(0.1)
            else:
                return


@pytest.mark.fault("U1", "a release with a new event version is rolled out under load", seed=61)
async def test_the_next_release_takes_over_under_load(bootstrap: str, trial: Trial) -> None:
    every = list(generate(trial.size(1_200, 60_000), seed=trial.seed, nationalities=12))
    old, new = every[: len(every) * 3 // 4], every[len(every) * 3 // 4 :]
    stack = await new_stack(bootstrap)
    second = replace(stack, topics=replace(stack.topics, version="v2"))
    crew, versions, seen = Crew(stack, seconds=trial.within(60)), Versions(bootstrap, stack.topics), Following(stack)
    await crew.start("a")
    await crew.join("b")
    await crew.settled()
    async with seen.subscriber:
        following = asyncio.create_task(seen.follow())
        async with load(stack, old, trial.size(0.4, 0.1)) as coming:
            for name in trial.size("a", "abab"):  # the same release once more: one worker at a time
                await crew.leave(name)
                await crew.join(name)
                trial.injected()
            await apply(bootstrap, second.topics)
            async with WorkerProcess(second.settings(), program=NEXT) as upgraded:
                await upgraded.ready(trial.within(60))
                await versions.keep("v2", NO_LIMITS)
                await promoted(versions, "v2", trial.within(60))
                trial.injected()
                async with load(stack, [lifted(each) for each in new], 0.05):  # writers of the next release come last
                    await crew.end()
                await coming
                await second.settled(trial.within(120))
                await versions.retire("v1")
                oracle = {key: row for key, row in expected(every).items() if key[0] == RESCUED}
                await seen.shows(oracle, trial.within(30))
                assert await upgraded.stop() == 0, await upgraded.messages()
        following.cancel()
        await asyncio.wait([following])
    assert seen.versions == ["v1", "v2"]
    assert upgraded.counts["refused"] == 0
    await trial.judge(second, every)


@pytest.mark.fault("U2", "workers of the last release meet events of the next one", seed=62, heals=False)
async def test_what_an_old_worker_cannot_read_waits_for_the_next(
    bootstrap: str, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = list(generate(trial.size(1_200, 60_000), seed=trial.seed, nationalities=12))
    strange = [each for each in every[len(every) // 2 :] if lifted(each) != each]
    ids = {orjson.loads(each.value)["id"] for each in strange}
    known = [each for each in every if orjson.loads(each.value)["id"] not in ids]
    assert len(ids) > 50
    stack = await new_stack(bootstrap)
    await stack.publish([*known, *map(lifted, strange)])
    async with WorkerProcess(stack.settings()) as worker:
        await stack.settled(trial.within(60))
        assert await worker.stop() == 0, await worker.messages()
    trial.injected()
    assert await stack.rows() == expected(known)
    waiting = await letters(bootstrap, stack.topics, Wanted(reasons=("unknown_version",)))
    assert len(waiting) == worker.counts["refused"] == len(strange)

    next_version.install(monkeypatch.setitem)
    async with WorkerProcess(stack.settings(), program=NEXT) as upgraded:
        await upgraded.ready()
        outcomes = await redrive(bootstrap, stack.topics, registers_of_load(), waiting)
        assert {each.outcome for each in outcomes} <= {"appended", "known"}, outcomes[:3]
        await stack.settled(trial.within(60))
        assert await upgraded.stop() == 0, await upgraded.messages()
    assert await letters(bootstrap, stack.topics, Wanted()) == []
    await trial.judge(stack, every)
