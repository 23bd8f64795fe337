"""A peer while it runs: a process of its own, what it costs and says, and its end, which it cannot miss."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psutil

from incidentlog.local.child import Child, Job
from incidentlog.local.java import jvm_environment

T = TypeVar("T", int, float)
_STOP_SECONDS = 5.0
_LINES_KEPT = 12
_LOOK_SECONDS = 1.0


class Program:
    """`async with Program(command, environment) as program:`; it has a folder of its own for as long as it runs.

    A line of digits on its standard output is progress, the number of events done; a JSON object is its `result`.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, environment
        self.told = 0
        """Events it says it has done; programs that tell otherwise leave it at 0."""
        self.result = ""
        self._lines: list[str] = []
        self._read = 0
        self._process: psutil.Process | None = None
        self._family: list[psutil.Process] = []
        self._looked = self._spent = 0.0

    async def __aenter__(self) -> Self:
        folder = tempfile.mkdtemp(prefix="incidentlog-bench-")
        self._log = Path(folder, "said.log")
        self._child = await Child.start(
            Job(self._command, str(self._log), folder, remove=[folder]),
            {**jvm_environment(), "PYTHONUNBUFFERED": "1", "TMPDIR": folder, **self._environment},
        )
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended already, or never started
            self._process = psutil.Process(self._child.pid) if self._child.pid else None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listen()
        await self._child.stop(0 if kind else _STOP_SECONDS)

    def listen(self) -> None:
        """Take in what it has said since."""
        with contextlib.suppress(FileNotFoundError), self._log.open("rb") as log:
            log.seek(self._read)
            text, newline, _ = log.read().rpartition(b"\n")
        self._read += len(text) + len(newline)
        for line in text.decode(errors="replace").splitlines():
            if line.isdecimal():
                self.told = int(line)
            elif line.startswith("{") and not line.startswith('{"state"'):
                self.result = line
            elif line.strip():
                self._lines = [*self._lines[-_LINES_KEPT:], line.strip()]

    @property
    def ended(self) -> bool:
        """Whether it is gone, though nobody asked it to go."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return self._process is None or self._process.status() == psutil.STATUS_ZOMBIE
        return True

    @property
    def last_words(self) -> str:
        """The last lines it said that were no progress."""
        return "\n".join(self._lines)

    def cpu(self) -> float:
        """Seconds of CPU so far, user and system, of the program and all its children."""
        self._spent = max(self._spent, sum(self._each(lambda process: sum(process.cpu_times()[:4]))))
        return self._spent

    def resident(self) -> int:
        """Bytes of memory that the program and its children hold."""
        return sum(self._each(lambda process: process.memory_info().rss))

    def _each(self, of: Callable[[psutil.Process], T]) -> Iterator[T]:
        for process in (self._process, *self._children()):
            with contextlib.suppress(psutil.NoSuchProcess):
                if process is not None:
                    yield of(process)

    def _children(self) -> list[psutil.Process]:
        """Its descendants: looked for now and then only, for that means a look at every process there is."""
        if time.monotonic() > self._looked + _LOOK_SECONDS:
            self._looked, self._family = time.monotonic(), []
            with contextlib.suppress(psutil.NoSuchProcess):
                self._family = self._process.children(recursive=True) if self._process else []
        return self._family
