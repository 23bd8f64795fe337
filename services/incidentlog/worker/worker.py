"""The worker: both stages in one Faust app, their recovery at each rebalance, and an end that tells why."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

from aiokafka import TopicPartition

from incidentlog.projections.precedence import with_more
from incidentlog.worker.claims import ClaimsFold, Counts
from incidentlog.worker.engine import App
from incidentlog.worker.errors import EngineFailed, OffsetOutOfRange, WorkerError
from incidentlog.worker.memory import tended
from incidentlog.worker.preflight import Layout, check
from incidentlog.worker.recovery import Restore, read_back
from incidentlog.worker.rollups import RollupsFold, rollups_on
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.stage import Stage
from incidentlog.worker.task import Task
from incidentlog.worker.writer import Writer


async def run(
    settings: WorkerSettings, stop: asyncio.Event, ready: Callable[[set[int]], None] = lambda _: None
) -> Counts:
    """Fold until `stop` is set, then store and commit; what was done. A WorkerError tells what ended it before that.

    `ready` hears of the partition numbers owned each time they are recovered and live.
    """
    counts = Counts()
    asked = asyncio.create_task(stop.wait())
    checking = asyncio.create_task(check(settings))
    try:
        await asyncio.wait([asked, checking], return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            async with tended(counts):
                await Worker(settings, checking.result(), ready, counts).run(asked)
    finally:
        for task in (asked, checking):
            task.cancel()
        await asyncio.gather(asked, checking, return_exceptions=True)
    return counts


class Worker:
    """One member of the group."""

    def __init__(
        self, settings: WorkerSettings, layout: Layout, ready: Callable[[set[int]], None], counts: Counts
    ) -> None:
        self._counts = counts
        self._settings, self._layout, self._ready = settings, layout, ready
        self._failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._recovering: asyncio.Task[None] | None = None
        self._writers: list[Writer] = []
        self.app = App(settings)
        topics = settings.topics
        self._claims = Stage(self.app, "estimates", (*topics.counted, *topics.official), self._fail)
        self._rollups = Stage(self.app, "rollups", (topics.contributions,), self._fail)
        # Awaited before the flow of events resumes, while heartbeats go on.
        self.app.on_rebalance_complete.connect(self._on_assigned, weak=False)
        # Sent when the chunks in hand are stored and committed.
        self.app.on_partitions_revoked.connect(self._release, weak=False)
        self.app.on_before_shutdown.connect(self._release, weak=False)

    async def run(self, asked: asyncio.Task[Any]) -> None:
        """Start, and end when `asked` is done or something fails."""
        started = asyncio.create_task(self.app.start())
        ended = asyncio.create_task(self._until_ended(started))
        try:
            ends: list[asyncio.Future[Any]] = [asked, ended, self._failure]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not asked.done():
                self._fail(EngineFailed(self.app.crash_reason or ended.exception()))
            await self._shut_down()
        finally:
            for task in (started, ended):
                task.cancel()
            await asyncio.gather(started, ended, return_exceptions=True)
        if self._failure.done():
            error = self._failure.result()
            raise error if isinstance(error, WorkerError) else EngineFailed(error) from error

    async def _until_ended(self, started: asyncio.Task[None]) -> None:
        await started
        await self.app.wait_until_stopped()

    async def _shut_down(self) -> None:
        failed = self._failure.done()
        try:
            async with asyncio.timeout(
                min(self._settings.stop_timeout, 3.0) if failed else self._settings.stop_timeout
            ):
                if failed:
                    await self._release()
                await self.app.stop()
        except TimeoutError:
            self._fail(EngineFailed(TimeoutError("it did not stop in time")))

    def _fail(self, error: BaseException) -> None:
        self.app.failing = True  # nothing more is acknowledged or committed
        if not self._failure.done():
            self._failure.set_result(error)

    async def _on_assigned(self, *_: Any, **__: Any) -> None:
        await self._release()
        self._recovering = asyncio.create_task(self._recover())
        await asyncio.wait([self._recovering])
        if not self._recovering.cancelled() and (error := self._recovering.exception()) is not None:
            self._fail(error)

    async def _release(self, *_: Any, **__: Any) -> None:
        if self._recovering is not None and self._recovering.cancel():
            await asyncio.wait([self._recovering])
        await asyncio.gather(self._claims.close(), self._rollups.close())
        writers, self._writers = self._writers, []
        await asyncio.gather(*(writer.stop() for writer in writers))

    async def _recover(self) -> None:
        assignment = set(self.app.consumer.assignment())
        owned = self._claims.owned(assignment)
        partitions = self._rollups.owned(assignment)
        ranked = with_more(filter(None, self._settings.host_first.split(",")))
        claims = {p: ClaimsFold(self._settings.topics, p, self._layout.partitions, self._counts, ranked) for p in owned}
        rollups = {p: RollupsFold(self._settings.topics, self._layout.counts) for p in partitions}
        writers = {("", p): self._writer("", p) for p in claims} | {
            ("rollups", p): self._writer("rollups", p) for p in rollups
        }
        # Fenced before anything is read: what is read then is all there will be.
        await asyncio.gather(self._check_offsets(assignment), *(writer.start() for writer in writers.values()))
        await read_back(self._settings, self._restores(claims, rollups))
        for fold in claims.values():
            fold.restored()
        self._writers = []
        self._claims.open({p: Task(fold, writers["", p], self._settings) for p, fold in claims.items()})
        self._rollups.open({p: Task(fold, writers["rollups", p], self._settings) for p, fold in rollups.items()})
        gc.freeze()  # what was read back has come to stay
        self._ready(owned)

    def _writer(self, stage: str, partition: int) -> Writer:
        writer = Writer(self._settings, self._settings.writer(stage, partition))
        self._writers.append(writer)
        return writer

    def _restores(
        self, claims: dict[int, ClaimsFold], rollups: dict[int, RollupsFold]
    ) -> dict[TopicPartition, Restore]:
        topics, counts = self._settings.topics, self._layout.counts
        restores: dict[TopicPartition, Restore] = {
            TopicPartition(topics.statements, p): fold.restore for p, fold in claims.items()
        }
        for p, fold in rollups.items():
            restores[TopicPartition(topics.contributions, p)] = fold.restore
            for topic in map(topics.rows, rollups_on(p, self._layout.partitions)):
                restores |= {TopicPartition(topic, each): fold.published for each in range(counts[topic])}
        return restores

    async def _check_offsets(self, assignment: set[Any]) -> None:
        if not assignment:
            return
        consumer = self.app.consumer
        committed, first, ends = await asyncio.gather(
            consumer.committed(), consumer.earliest_offsets(*assignment), consumer.highwaters(*assignment)
        )
        for tp, offset in committed.items():
            if offset is not None and not first[tp] <= offset <= ends[tp]:
                raise OffsetOutOfRange(tp.topic, tp.partition, offset, first[tp], ends[tp])
