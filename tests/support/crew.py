"""The workers of one stack, by name: joining, leaving, killed and started again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from incidentlog.worker import WorkerProcess
from support.stack import Stack

#: Seconds between two looks at whether workers still live.
_LOOK = 0.5


class Crew:
    """Workers that are alive. They are static members of their group, unless `static` is False; what is waited for
    comes within `seconds`."""

    def __init__(self, stack: Stack, *, static: bool = True, seconds: float = 60.0, **settings: Any) -> None:
        self.stack, self.static, self.seconds = stack, static, seconds
        self.workers: dict[str, WorkerProcess] = {}
        self.known = 0
        """Events that those who left had read again although they were stored already."""
        self.failed: list[str] = []
        """What workers said that ended although nobody had asked them to; their supervisor would have started them again."""
        self._settings = {"session_timeout": 8.0, "every_behind": 0.05, **settings}

    async def start(self, name: str) -> None:
        """Start a worker; it is not ready yet."""
        settings = self.stack.settings(**self._settings, instance=name if self.static else "")
        worker = WorkerProcess(settings)
        await worker.start()
        self.workers[name] = worker

    async def join(self, name: str) -> None:
        """Start a worker and wait until it is ready and each partition has one owner."""
        await self.start(name)
        await self.workers[name].ready(self.seconds)
        await self.check()

    async def kill(self, name: str) -> None:
        """End a worker at once; it is not started again."""
        worker = self.workers.pop(name)
        if worker.process.returncode is None:
            worker.send(signal.SIGKILL)
        if await worker.ended() != -signal.SIGKILL:
            self.failed.append(await worker.messages())
        await worker.stop()

    async def leave(self, name: str) -> None:
        """Ask a worker to end; one that has not come to itself yet may simply die of that."""
        worker = self.workers.pop(name)
        status = await worker.stop()
        if status != 0 and (status != -signal.SIGTERM or worker.owned):
            self.failed.append(f"{status}: {await worker.messages()}")
        self.known += worker.counts.get("known", 0)

    async def supervise(self) -> None:
        """Start again who ended unasked, and somebody if nobody is there."""
        for name in [name for name, worker in self.workers.items() if worker.process.returncode is not None]:
            await self.leave(name)
            await self.start(name)
        if not self.workers:
            await self.start("a")

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Supervise in the meantime. Who ended is told of by `end`: a recovery that waits for ever would tell nothing."""
        over = asyncio.Event()
        keeping = asyncio.create_task(self._keep(over))
        try:
            yield
        finally:
            over.set()  # cancelled while it starts somebody, it would leave a process that nobody knows
            await keeping

    async def _keep(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.supervise()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await over.wait()

    async def end(self) -> None:
        """Ask all to end; nobody may have failed."""
        for name in sorted(self.workers):
            await self.leave(name)
        assert not self.failed, self.failed

    async def settled(self) -> None:
        """Wait until each partition has one owner, and that one is alive."""
        async with asyncio.timeout(self.seconds):
            while not await self._owned():  # noqa: ASYNC110 - a broker tells nobody of its groups
                await asyncio.sleep(0.1)

    async def _owned(self) -> bool:
        members = await self.stack.assignment()
        owners = [member for member in members.values() if any(member.values())]
        if len(members) != len(self.workers) or not owners:
            return False
        await self.check()
        return True

    async def check(self) -> None:
        """Equal partition numbers of all topics are together, and each is owned once."""
        members = await self.stack.assignment()
        topics = {*self.stack.topics.counted, *self.stack.topics.official, self.stack.topics.contributions}
        for member in members.values():
            assert len({frozenset(numbers) for numbers in member.values()}) <= 1, member
            assert not member or member.keys() == topics
        owned = [number for member in members.values() for number in next(iter(member.values()), set())]
        assert sorted(owned) == [*range(self.stack.topics.partitions)], members
