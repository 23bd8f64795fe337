"""A worker's standard error has lines, not tracebacks, also where a thread of its engine ends by an exception."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import threading
from incidentlog.worker.quiet import set_up
set_up(verbose={verbose})
thread = threading.Thread(target=lambda: [].index("what is not there"))
thread.start()
thread.join()
"""


def _said(*, verbose: bool) -> list[str]:
    program = PROGRAM.format(verbose=verbose)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stderr.splitlines()


def test_a_thread_that_ends_is_told_in_a_line() -> None:
    [line] = _said(verbose=False)
    assert line.startswith("error incidentlog.worker.engine: a thread of the engine ended: ValueError(")


def test_who_wants_to_see_all_of_it_does() -> None:
    assert "Traceback (most recent call last):" in _said(verbose=True)
