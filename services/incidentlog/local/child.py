"""The program's side of the keeper: start a process that cannot outlive this one, stop it, wait for its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

_KEEPER = Path(__file__).with_name("keeper.py")


@dataclass(frozen=True, slots=True)
class Job:
    """What the keeper runs: `grace` is the seconds the process gets to end once this program is gone, 0 none;
    `remove` are folders to delete when both have ended; `nice` lowers its priority."""

    argv: Sequence[str]
    log: str
    cwd: str
    grace: float = 0
    remove: Sequence[str] = ()
    nice: int = 0
    parent: int = field(default_factory=os.getpid)


class Child:
    """A running process under a keeper; `await Child.start(job, …)` makes one."""

    def __init__(self, job: Job, keeper: asyncio.subprocess.Process) -> None:
        self._job, self._keeper = job, keeper
        self.pid = 0
        self._ended: asyncio.Task[int | None]

    @classmethod
    async def start(cls, job: Job, environment: Mapping[str, str], keep_open: Sequence[int] = ()) -> Child:
        """Start `job`; the keeper holds the descriptors `keep_open` (a lock's) until the process has ended."""
        keeper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_KEEPER), json.dumps(asdict(job))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environment),
            pass_fds=keep_open,
            start_new_session=True,  # a Ctrl-C in the terminal must not reach it before its users have drained
        )
        child = cls(job, keeper)
        child.pid = (await child._report()).get("pid", 0)
        child._ended = asyncio.create_task(child._follow())
        return child

    async def ended(self) -> int | None:
        """Wait until the process has ended: its exit status, negative for a signal, None if nobody can know."""
        return await asyncio.shield(self._ended)

    async def stop(self, seconds: float, *, keep: bool = False) -> int | None:
        """Ask the process to end, kill it after so many seconds (0: at once), and let the keeper clean up.

        If this is cancelled, the keeper does the same on its own, with the job's grace.
        """
        try:
            if not self._ended.done():
                self._command(f"stop {seconds}\n")
            status = await self.ended()
        except asyncio.CancelledError:
            self._close()
            raise
        await self.release(keep=keep)
        return status

    async def release(self, *, keep: bool = False) -> None:
        """Let the keeper of an ended process go, after removing the job's folders unless they are to be kept."""
        if keep:
            self._command("keep\n")
        self._close()
        await self._keeper.wait()
        for folder in () if keep else self._job.remove:  # in case it was the keeper that was killed
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _command(self, line: str) -> None:
        if self._keeper.stdin is not None and not self._keeper.stdin.is_closing():
            self._keeper.stdin.write(line.encode())

    def _close(self) -> None:
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()

    async def _report(self) -> dict[str, int]:
        assert self._keeper.stdout is not None
        line = await self._keeper.stdout.readline()
        report: dict[str, int] = json.loads(line) if line else {}
        return report

    async def _follow(self) -> int | None:
        report = await self._report()
        if "exit" in report:
            return report["exit"]
        if self.pid:  # the keeper was killed: Linux took the process along, elsewhere it is left to us
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        return None
