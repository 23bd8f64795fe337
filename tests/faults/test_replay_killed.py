"""History is folded into a version of its own, and whoever folds it is killed on the way: the version equals the live one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace

import pytest

from incidentlog.bench.load import Load, events
from incidentlog.client.connect import broker_at
from incidentlog.replay.standing import standing
from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess
from support.stack import Stack, new_stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]

#: The command line, whose workers' group waits for a dead one as long as it is told to.
PROGRAM = """
from functools import partial
from incidentlog.replay import rebuild
rebuild.WorkerSettings = partial(rebuild.WorkerSettings, session_timeout={session})
from incidentlog.cli.main import main
main()
"""


@pytest.mark.fault("R1", "a replay into a new version is killed", seed=51)
async def test_a_replay_killed_on_its_way_ends_equal_to_the_live_version(
    bootstrap: str, trial: Trial, short_session: float
) -> None:
    history = list(events(Load.of(trial.size(12_000, 1_000_000), seed=trial.seed)))
    stack = await new_stack(bootstrap)
    await stack.publish(history)
    async with WorkerProcess(stack.settings()) as worker:
        await worker.ready()
        await stack.settled(trial.within(trial.size(60, 600)))
        second = replace(stack, topics=replace(stack.topics, version="v2"))
        await apply(bootstrap, second.topics)
        shares = sorted(trial.rng.uniform(0.1, trial.size(0.6, 0.9)) for _ in range(trial.size(1, 2)))
        session = trial.size(short_session, 10.0)
        for share in shares:
            replay = await _replay(second, session)
            await _folded(second, share, trial.within(trial.size(60, 600)))
            replay.kill()
            assert await replay.wait() == -signal.SIGKILL
            trial.injected()
        replay = await _replay(second, session)
        _, said = await replay.communicate()
        assert replay.returncode == 0, said.decode()
        assert await second.rows() == await stack.rows()
        await trial.judge(second, history)


async def _replay(stack: Stack, session: float) -> asyncio.subprocess.Process:
    program = (sys.executable, "-c", PROGRAM.replace("{session}", str(session)))
    where = ("--prefix", stack.topics.prefix, "--bootstrap", stack.bootstrap)
    return await asyncio.create_subprocess_exec(
        *program, "replay", "--into", stack.topics.version, *where, stderr=asyncio.subprocess.PIPE, env=dict(os.environ)
    )


async def _folded(stack: Stack, share: float, seconds: float) -> None:
    """Wait until that part of the events has been folded into the version."""
    broker = broker_at(stack.bootstrap)
    async with broker.reader() as reader, broker.admin() as admin, asyncio.timeout(seconds):
        while True:
            stands = await standing(reader, admin, stack.topics)
            if stands.total - stands.left >= share * stands.total:
                return
            await asyncio.sleep(0.05)
