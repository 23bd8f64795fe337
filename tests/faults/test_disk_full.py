"""The disk of the broker's data fills up: it ends and says what to do; with room again, everything goes on and is exact."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentlog.local.errors import BrokerExited
from support.generate import generate
from support.load import Publishing, Supervised
from support.mortal import mortal_broker
from support.stack import new_stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]

_AS_ROOT = [] if os.getuid() == 0 else ["sudo", "-n"]
LARGE = "512m"


def _mount(*arguments: str) -> None:
    subprocess.run([*_AS_ROOT, "mount", *arguments], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path, trial: Trial) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={trial.size('8m', '12m')},mode=1777", "tmpfs", str(folder))
    yield folder
    subprocess.run([*_AS_ROOT, "umount", "-l", str(folder)], check=True)


@pytest.mark.fault("P9", "the broker's disk is full", seed=33, heals=False)
async def test_a_full_disk(disk: Path, trial: Trial) -> None:
    events = list(generate(trial.size(9_000, 14_000), seed=trial.seed, nationalities=20))
    with mortal_broker(disk) as broker:
        stack = await new_stack(broker.bootstrap)
        async with Supervised(stack):
            publishing = Publishing(stack, events, patience=90.0)
            task = asyncio.create_task(publishing.run())
            with pytest.raises(BrokerExited) as told:
                await broker.ended()
            trial.injected()
            said = str(told.value)
            assert "No space left on device" in said
            assert f"make room on the disk of {disk / 'data'}" in said
            assert not task.done()
            await broker.stop()
            _mount("-o", f"remount,size={LARGE}", str(disk))
            async with trial.recovery(stack):
                await broker.start()
            await task
            assert not publishing.unsure
            await stack.settled()
            await trial.judge(stack, events)
