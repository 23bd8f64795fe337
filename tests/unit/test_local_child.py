"""The keeper: a process and the program that started it never outlive one another."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from incidentlog.local.child import Child, Job
from support.waiting import gone, until

SLEEP = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)
OWNER = """
import asyncio, os, sys
from incidentlog.local.child import Child, Job
async def main():
    job = Job([sys.executable, "-c", "import time; time.sleep(600)"], sys.argv[1] + ".log", "/", remove=[sys.argv[1]])
    child = await Child.start(job, os.environ)
    print(child.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


def a_job(folder: Path, code: str, *, grace: float = 0) -> Job:
    scratch = folder / "scratch"
    scratch.mkdir()
    return Job([sys.executable, "-c", code], str(folder / "log"), str(folder), grace=grace, remove=[str(scratch)])


async def test_the_exit_status_is_told_and_the_folders_removed(tmp_path: Path) -> None:
    child = await Child.start(a_job(tmp_path, "print('said'); raise SystemExit(7)"), os.environ)
    assert await child.ended() == 7
    assert (tmp_path / "scratch").exists(), "until the program has seen what it needs"
    assert await child.stop(0) == 7
    assert not (tmp_path / "scratch").exists()
    assert (tmp_path / "log").read_text() == "said\n"


async def test_stopping_asks_first_and_insists_after_the_time_given(tmp_path: Path) -> None:
    child = await Child.start(a_job(tmp_path, STUBBORN), os.environ)
    await until(lambda: (tmp_path / "log").read_text() == "deaf\n")
    async with asyncio.timeout(5):
        assert await child.stop(0.2) == -signal.SIGKILL


async def test_a_willing_process_ends_on_request(tmp_path: Path) -> None:
    child = await Child.start(a_job(tmp_path, SLEEP), os.environ)
    assert await child.stop(30) == -signal.SIGTERM


async def test_folders_can_be_kept(tmp_path: Path) -> None:
    child = await Child.start(a_job(tmp_path, SLEEP), os.environ)
    await child.stop(0, keep=True)
    assert (tmp_path / "scratch").exists()


async def test_a_program_that_is_not_there_is_an_end_with_the_reason_in_the_log(tmp_path: Path) -> None:
    job = Job([str(tmp_path / "missing")], str(tmp_path / "log"), str(tmp_path))
    child = await Child.start(job, os.environ)
    assert await child.ended() is None
    await child.release()
    assert "FileNotFoundError" in (tmp_path / "log").read_text()


async def test_the_process_is_out_of_reach_of_the_terminals_ctrl_c(tmp_path: Path) -> None:
    child = await Child.start(a_job(tmp_path, SLEEP), os.environ)
    assert os.getpgid(child.pid) != os.getpgid(0)
    await child.stop(0)


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_the_program_dies(tmp_path: Path, death: signal.Signals) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(scratch)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as owner:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        keeper = child.parent()
        assert keeper is not None
        owner.send_signal(death)
    asyncio.run(gone(child, keeper))
    assert not scratch.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the program has to do it")
def test_nothing_is_left_when_program_and_keeper_die_together(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "scratch")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as owner:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        keeper = child.parent()
        assert keeper is not None
        keeper.suspend()
        owner.kill()
        keeper.kill()
    asyncio.run(gone(child, keeper))


async def test_a_killed_keeper_ends_the_process_and_its_program_hears_of_it(tmp_path: Path) -> None:
    child = await Child.start(a_job(tmp_path, SLEEP), os.environ)
    process = psutil.Process(child.pid)
    keeper = process.parent()
    assert keeper is not None
    keeper.kill()
    assert await child.ended() is None
    await gone(process)
    await child.release()
    assert not (tmp_path / "scratch").exists()


async def test_a_cancelled_stop_leaves_the_end_to_the_keeper(tmp_path: Path) -> None:
    child = await Child.start(a_job(tmp_path, STUBBORN, grace=0.1), os.environ)
    await until(lambda: (tmp_path / "log").read_text() == "deaf\n")
    process = psutil.Process(child.pid)
    stopping = asyncio.create_task(child.stop(600))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    await gone(process)
    await child.release()
