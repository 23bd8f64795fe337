"""The keeper: a tiny process between the program and the JVM, so that neither can outlive the other unnoticed.

Run by path with an isolated interpreter, it imports the standard library alone. One argument, a JSON object (`Job` of
child.py). It reports `{"pid": n}` and `{"exit": status}` as lines on its output, takes `stop SECONDS` and `keep`
on its input, and ends when that input does: the write end belongs to the program, so it closes however the program ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time

TYPE_CHECKING = False  # what type checkers take for true; importing `typing` would cost as much as all the rest
if TYPE_CHECKING:
    from typing import Any

PARENT_CHECK_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def _die_with_keeper() -> None:
    """In the child, before exec: have Linux kill it with this process. Elsewhere the pipe alone must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _report(**fact: int) -> None:
    with contextlib.suppress(OSError):  # the program is gone; its end is noticed elsewhere
        os.write(1, json.dumps(fact).encode() + b"\n")


class Keeper:
    """One child, watched until it and the program are both done with."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.deadline: float | None = None
        self.reported = False
        wake, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        os.set_blocking(wake, False)
        self.wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler, so that the wake-up pipe is written
        signal.set_wakeup_fd(wakeup)
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_IGN)
        with open(job["log"], "ab") as log:  # noqa: PTH123 - importing pathlib would double the start
            os.dup2(log.fileno(), 2)  # so that a failure to start the child is told there as well
            self.child = subprocess.Popen(
                job["argv"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=job["cwd"],
                preexec_fn=self._prepare,  # noqa: PLW1509 - this process has one thread
            )
        _report(pid=self.child.pid)

    def _prepare(self) -> None:
        for reset in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(reset, signal.SIG_DFL)
        if self.job["nice"]:
            os.nice(self.job["nice"])
        _die_with_keeper()

    def stop(self, seconds: float) -> None:
        """Ask the child to end and give it so long; none, and it is killed at once."""
        if seconds > 0:
            self.child.terminate()
            self.deadline = time.monotonic() + seconds
        else:
            self.child.kill()

    def ended(self) -> bool:
        """Whether the child has ended; reports it the first time, kills it when its time to stop is over."""
        status = self.child.poll()
        if status is None:
            if self.deadline is not None and time.monotonic() > self.deadline:
                self.child.kill()
            return False
        if not self.reported:
            self.reported = True
            _report(exit=status)
        return True

    def serve(self) -> None:
        """Follow commands until the program closes the pipe or is gone."""
        while os.getppid() == self.job["parent"]:
            readable, _, _ = select.select([0, self.wake], [], [], 0.05 if self.deadline else PARENT_CHECK_SECONDS)
            if self.wake in readable:
                os.read(self.wake, 512)
            self.ended()
            if 0 in readable:
                commands = os.read(0, 512)
                if not commands:
                    return
                for command in commands.decode().splitlines():
                    self.obey(*command.split())

    def obey(self, verb: str, seconds: str = "0") -> None:
        """`stop SECONDS` ends the child; `keep` leaves its folders."""
        if verb == "keep":
            self.job["remove"] = ()
        elif not self.ended():
            self.stop(float(seconds))

    def finish(self) -> None:
        """End the child if it still runs, within the job's grace whatever was asked before; remove what was only for it."""
        asked = self.deadline
        if not self.ended():
            self.stop(self.job["grace"])
        if asked is not None and self.deadline is not None:
            self.deadline = min(asked, self.deadline)
        while not self.ended():
            select.select([self.wake], [], [], 0.05)
        for folder in self.job["remove"]:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    keeper = Keeper(json.loads(sys.argv[1]))
    keeper.serve()
    keeper.finish()
