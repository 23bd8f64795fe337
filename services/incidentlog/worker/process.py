"""A worker as a child process: for stacks that start one, and for tests that kill one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from incidentlog.worker.errors import WorkerStopped
from incidentlog.worker.settings import WorkerSettings

START_SECONDS = 60.0


class WorkerProcess:
    """`async with WorkerProcess(settings) as worker:`: started, then `await worker.ready()`; asked to stop at the end.

    It ends with this program, however that ends: it watches the pipe on its standard input. `program` is what Python runs.
    """

    def __init__(self, settings: WorkerSettings, program: Sequence[str] = ("-m", "incidentlog.worker")) -> None:
        self._settings, self._program = settings, program
        self._process: asyncio.subprocess.Process | None = None
        self._messages: asyncio.Task[str] | None = None
        self._lines: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.owned: list[list[int]] = []
        """Partition numbers owned, once per recovery, the newest last."""
        self.recovered: list[float] = []
        """Seconds from the moment partitions were assigned until they were live, once per recovery."""
        self.counts: dict[str, int] = {}
        """What it did, known once it has stopped as asked: `events` folded, of them `known` before, and `refused`."""

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process, running or ended."""
        assert self._process is not None, "not started"
        return self._process

    async def start(self) -> None:
        """Start the process; it is not ready yet."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self._program, "--settings", self._settings.to_json(), "--watch-parent"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal is for the parent, which then asks it to stop
            env=dict(os.environ),
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._messages = asyncio.create_task(_text(self._process.stderr))
        self._lines = asyncio.create_task(self._read(self._process.stdout))

    async def ready(self, seconds: float = START_SECONDS) -> None:
        """Return when it is recovered and folds; WorkerStopped if it ends before."""
        ended = asyncio.create_task(self.process.wait())
        ready = asyncio.create_task(self._ready.wait())
        try:
            async with asyncio.timeout(seconds):
                await asyncio.wait([ended, ready], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            ready.cancel()
        if not self._ready.is_set():
            raise WorkerStopped(self.process.returncode, await self.messages())

    async def ended(self) -> int:
        """Wait until it has ended: its exit status, negative for a signal."""
        return await self.process.wait()

    async def messages(self) -> str:
        """What it said on standard error; waits for its end."""
        assert self._messages is not None
        return (await self._messages).strip()

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def stop(self, seconds: float = 15.0) -> int:
        """Ask it to store and commit what it holds and to end, kill it after so many seconds; its exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(seconds):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await asyncio.gather(*(task for task in (self._messages, self._lines) if task))
        return self.process.returncode or 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(0 if kind else 15)

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            told = json.loads(line)
            if told.get("state") == "ready":
                self.owned.append(told["partitions"])
                self.recovered.append(told["seconds"])
                self._ready.set()
            elif told.pop("state", None) == "stopped":
                self.counts = told


async def _text(stream: asyncio.StreamReader) -> str:
    return (await stream.read()).decode(errors="replace")
