"""The program as its users start it, in a process of its own, and whether anything of it is left afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psutil

SECONDS = 120
_PROGRAM = [sys.executable, "-c", "from incidentlog.cli.main import main; main()"]


def run(*arguments: str, bootstrap: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """One call, to its end."""
    environment = os.environ | ({"INCIDENTLOG_BOOTSTRAP": bootstrap} if bootstrap else {})
    return subprocess.run(
        [*_PROGRAM, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment,
        **options,
    )


def objects(*arguments: str, bootstrap: str = "") -> list[dict[str, Any]]:
    """What one call that must succeed prints as JSON lines."""
    done = run(*arguments, bootstrap=bootstrap)
    assert done.returncode == 0, done.stderr
    return [orjson.loads(line) for line in done.stdout.splitlines()]


class Program:
    """A call that goes on: its lines, its process, and all processes it ever had."""

    def __init__(self, *arguments: str, bootstrap: str = "") -> None:
        environment = os.environ | ({"INCIDENTLOG_BOOTSTRAP": bootstrap} if bootstrap else {})
        self.process = subprocess.Popen(
            [*_PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        self._errors: list[str] = []
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read_errors)
        self._reader.start()
        self._family: dict[int, psutil.Process] = {}

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._said:
                self._errors.append(line)
                self._said.notify_all()

    @property
    def errors(self) -> str:
        """What it has said on standard error; all of it once it has ended."""
        if self.process.poll() is not None:
            self._reader.join(SECONDS)
        return "".join(self._errors)

    def until(self, pattern: str) -> re.Match[str]:
        """Read standard output up to a line in which `pattern` is found."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.family()
            found = re.search(pattern, line)
            if found:
                return found
        raise AssertionError(f"it ended without {pattern!r}: {self.errors}")

    def heard(self, pattern: str) -> re.Match[str]:
        """Wait until `pattern` is found in what it says on standard error."""
        with self._said:
            if self._said.wait_for(lambda: re.search(pattern, "".join(self._errors)), SECONDS):
                found = re.search(pattern, "".join(self._errors))
                assert found is not None
                return found
        raise AssertionError(f"it did not say {pattern!r}: {self.errors}")

    def family(self) -> list[psutil.Process]:
        """Its descendants now."""
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            children = []
        self._family.update({child.pid: child for child in children})
        return children

    def wait(self) -> int:
        """Wait for its end: its exit status."""
        while True:
            self.family()
            try:
                status = self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            self._reader.join(SECONDS)
            return status

    def left(self) -> list[str]:
        """Processes it once had that live on, after a moment in which the system may bury them."""
        _, alive = psutil.wait_procs(self._family.values(), timeout=5)
        return [str(each) for each in alive if each.status() != psutil.STATUS_ZOMBIE]


@contextmanager
def started(*arguments: str, bootstrap: str = "") -> Iterator[Program]:
    """A call that goes on until the block ends, at the latest."""
    program = Program(*arguments, bootstrap=bootstrap)
    timer = threading.Timer(SECONDS, program.process.kill)
    timer.start()
    try:
        yield program
        program.family()
    finally:
        timer.cancel()
        if program.process.poll() is None:
            program.process.send_signal(signal.SIGTERM)
        program.process.wait(SECONDS)
        program._reader.join(SECONDS)
        for stream in (program.process.stdout, program.process.stderr):
            if stream is not None:
                stream.close()
