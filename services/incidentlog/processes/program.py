"""A Python program of ours as a child process, which tells on its standard output, in JSON lines, where it stands."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

START_SECONDS, STOP_SECONDS = 60.0, 15.0


class Program(ABC):
    """`async with` starts it and asks it to stop at the end; `await ready()` returns when it has said so.

    It ends with this program, however that ends: it watches the pipe on its standard input. `arguments` is what Python runs,
    `told` what it is told first on that pipe, `variables` go into its environment.
    """

    def __init__(self, arguments: Sequence[str], told: str = "", variables: Mapping[str, str] | None = None) -> None:
        self._arguments, self._told, self._variables = arguments, told, variables or {}
        self._process: asyncio.subprocess.Process | None = None
        self._messages: asyncio.Task[str] | None = None
        self._lines: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @abstractmethod
    def hear(self, told: dict[str, Any]) -> None:
        """A line it has said; `state` ready is when it is ready."""

    @abstractmethod
    def ended_early(self, status: int | None, messages: str) -> Exception:
        """What to raise when it ends before it is ready."""

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process, running or ended."""
        assert self._process is not None, "not started"
        return self._process

    @property
    def started(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    async def start(self) -> None:
        """Start the process; it is not ready yet."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal is for the parent, which then asks it to stop
            env={**os.environ, **self._variables},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        if self._told:
            self._process.stdin.write(self._told.encode() + b"\n")
        self._messages = asyncio.create_task(_text(self._process.stderr))
        self._lines = asyncio.create_task(self._read(self._process.stdout))

    async def ready(self, seconds: float = START_SECONDS) -> None:
        """Return when it says that it is ready; `ended_early` if it ends before, TimeoutError if it does neither."""
        ended = asyncio.create_task(self.process.wait())
        ready = asyncio.create_task(self._ready.wait())
        try:
            async with asyncio.timeout(seconds):
                await asyncio.wait([ended, ready], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            ready.cancel()
        if not self._ready.is_set():
            raise self.ended_early(self.process.returncode, await self.messages())

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

    async def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Ask it to end, kill it after so many seconds; its exit status."""
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
        await self.stop(0 if kind else STOP_SECONDS)

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            told = json.loads(line)
            self.hear(told)
            if told.get("state") == "ready":
                self._ready.set()


async def _text(stream: asyncio.StreamReader) -> str:
    return (await stream.read()).decode(errors="replace")
