"""A stage: one Faust agent over topics that are partitioned alike, with a task for each partition number it owns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import Any

from incidentlog.worker.engine import App, ChunkSchema
from incidentlog.worker.errors import PartitionsScattered, WorkerError
from incidentlog.worker.task import Task

#: Offsets behind the end that are not worth waiting longer for: transaction markers count as well.
_BEHIND = 2_000


class Stage:
    """Hands each chunk to the task of its partition number, at most `rate` records a second (0: as fast as they come).

    `fail` hears of what must stop the worker.
    """

    def __init__(
        self, app: App, name: str, topics: Collection[str], fail: Callable[[BaseException], None], rate: float = 0.0
    ) -> None:
        self.name, self.topics = name, frozenset(topics)
        self._rate, self._due = rate, 0.0
        self._app, self._fail = app, fail
        self._tasks: dict[int, Task] = {}
        app.draining.tell(self._hurry)
        app.agent(app.topic(*topics, schema=ChunkSchema()), name=name)(self._run)

    def owned(self, assignment: Iterable[Any]) -> set[int]:
        """The partition numbers this worker owns; PartitionsScattered unless they are the same for all topics."""
        numbers: dict[str, set[int]] = {topic: set() for topic in self.topics}
        for tp in assignment:
            if tp.topic in numbers:
                numbers[tp.topic].add(tp.partition)
        every = set().union(*numbers.values())
        if any(each != every for each in numbers.values()):
            raise PartitionsScattered({topic: sorted(each) for topic, each in numbers.items()})
        return every

    @property
    def tasks(self) -> dict[int, Task]:
        """The partition numbers owned now."""
        return self._tasks

    def open(self, tasks: dict[int, Task]) -> None:
        """Own these partition numbers from here on."""
        self._tasks = tasks
        for task in tasks.values():
            task.open(self._fail)

    async def close(self) -> None:
        """Let go of all partition numbers."""
        tasks, self._tasks = self._tasks, {}
        await asyncio.gather(*(task.close() for task in tasks.values()))

    async def _run(self, stream: Any) -> None:
        # noack: Faust would acknowledge a chunk whose fold raised, and lose it.
        async for event in stream.noack().events():
            message = event.message
            if self._rate:
                await self._pace(len(event.value))
            task = self._tasks.get(message.partition)
            if task is None:
                self._app.consumer.let_go(message)
                continue
            behind = (
                not self._app.draining.now
                and (self._app.consumer.highwater(message.tp) or 0) - message.offset > _BEHIND
            )
            try:
                await task.fold(event, behind=behind)
            except WorkerError as error:
                self._fail(error)

    def _hurry(self) -> None:
        for task in self._tasks.values():
            task.hurry()

    async def _pace(self, records: int) -> None:
        """Wait until so many records are due."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now) + records / self._rate
        await asyncio.sleep(self._due - now)
