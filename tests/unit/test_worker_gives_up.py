"""A worker that cannot stop ends all the same, also when whoever started it is gone."""

from __future__ import annotations

import subprocess
import sys

_ORPHAN = """
import os
from incidentlog.worker.__main__ import _give_up
reading, writing = os.pipe()
os.close(reading)
os.dup2(writing, 2)
try:
    _give_up()
finally:
    os._exit(7)
"""


def test_nobody_listens_any_more() -> None:
    assert subprocess.run([sys.executable, "-c", _ORPHAN], check=False, timeout=60).returncode == 1


_STUCK = """
import sys
from incidentlog.worker import __main__ as program
from incidentlog.worker.settings import WorkerSettings

async def plan(settings):
    print("stuck", flush=True)
    while True:
        pass

program._LATE_SECONDS = 0.1
settings = WorkerSettings("127.0.0.1:1", "incidentlog", "v1", stop_timeout=0.1)
program.leave(program.main(["--watch-parent", "--settings", settings.to_json()], plan))
"""


def test_whose_loop_is_stuck_when_its_parent_goes() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STUCK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            assert worker.stdout.readline() == "stuck\n"
            worker.stdin.close()
            assert worker.wait(30) == 1
        finally:
            worker.kill()
        assert worker.stderr is not None
        assert "the worker did not stop in time and ends now" in worker.stderr.read()
