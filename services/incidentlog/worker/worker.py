"""The worker: the stages of a job in one Faust app, their recovery at each rebalance, and an end that tells why."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from aiokafka.errors import KafkaConnectionError

from incidentlog.client.background import cancel
from incidentlog.observing import tracing
from incidentlog.worker.access import denial, entering
from incidentlog.worker.claims import Counts
from incidentlog.worker.engine import App
from incidentlog.worker.errors import (
    EngineFailed,
    EventsDeleted,
    NotLetIn,
    OffsetOutOfRange,
    PartitionsScattered,
    TopicGone,
    WorkerError,
)
from incidentlog.worker.incidents import incidents
from incidentlog.worker.job import Job, Plan, StageJob
from incidentlog.worker.memory import tended
from incidentlog.worker.recovery import read_back
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.stage import Stage
from incidentlog.worker.tally import Account
from incidentlog.worker.task import Fold, Task
from incidentlog.worker.watch import changed, watch
from incidentlog.worker.writer import Writer

_log = logging.getLogger("incidentlog.worker")
_CLEAN_UP_SECONDS = 2.0
_FORGOTTEN_SECONDS = 1.0

#: Hears of partition numbers that are recovered, and how many seconds after they were assigned.
Ready = Callable[[set[int], float], None]
#: Watches a worker for as long as it is entered.
Watched = Callable[["Worker"], AbstractAsyncContextManager[None]]


async def run(
    settings: WorkerSettings,
    stop: asyncio.Event,
    ready: Ready = lambda *_: None,
    plan: Plan = incidents,
    watched: Watched = lambda _: nullcontext(),
) -> Counts:
    """Fold until `stop` is set, then store and commit; what was done. A WorkerError tells what ended it before that.

    `ready` hears of the partition numbers owned each time they are recovered and live, and of the seconds it took since
    they were assigned. `plan` makes the job, `watched` watches the worker that does it.
    """
    asked = asyncio.create_task(stop.wait())
    planning = asyncio.ensure_future(plan(settings))
    try:
        await asyncio.wait([asked, planning], return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return Counts()
        job = planning.result()
        async with tended(job.counts):
            worker = Worker(settings, job, ready)
            async with watched(worker):
                await worker.run(asked)
        return job.counts
    finally:
        await cancel(asked, planning)


class Worker:
    """One member of the group."""

    def __init__(self, settings: WorkerSettings, job: Job, ready: Ready) -> None:
        self._settings, self._ready, self._assigned = settings, ready, 0.0
        self._failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._recovering: asyncio.Task[None] | None = None
        self._writers: list[Writer] = []
        self.app = App(settings)
        self.tally, self.counts = self.app.tally, job.counts
        self._known = job.ids, job.partitions
        for each in job.stages:
            self.app.marks.update(each.marks)
        rates = [settings.rate, *[0.0] * len(job.stages)]  # what the first stage lets through, the others keep up with
        self._stages = [
            (each, Stage(self.app, each.name, each.topics, self._fail, rate))
            for each, rate in zip(job.stages, rates, strict=False)
        ]
        self.app.on_partitions_assigned.connect(self._note_time, weak=False)
        # Awaited before the flow of events resumes, while heartbeats go on.
        self.app.on_rebalance_complete.connect(self._on_assigned, weak=False)
        # Sent when the chunks in hand are stored and committed.
        self.app.on_partitions_revoked.connect(self._release, weak=False)
        self.app.on_before_shutdown.connect(self._release, weak=False)

    @property
    def stages(self) -> Sequence[tuple[StageJob, Stage]]:
        """What it does, and the partition numbers that it owns of each."""
        return self._stages

    @property
    def partitions(self) -> dict[str, int]:
        """How many partition numbers each stage has, whoever owns them."""
        counts = self._known[1]
        return {job.name: max((counts.get(topic, 0) for topic in job.topics), default=0) for job, _ in self._stages}

    @property
    def failed(self) -> bool:
        """Whether it is about to end, and not because it was asked to."""
        return self._failure.done()

    async def run(self, asked: asyncio.Task[Any]) -> None:
        """Start, and end when `asked` is done or something fails."""
        started = asyncio.create_task(self.app.start())
        ended = asyncio.create_task(self._until_ended(started))
        watching = asyncio.create_task(self._watch())
        try:
            ends: list[asyncio.Future[Any]] = [asked, ended, self._failure]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not asked.done():
                self._fail(self.app.crash_reason or ended.exception() or EngineFailed(None))
            await self._shut_down()
        finally:
            for task in (started, ended, watching):
                task.cancel()
            await asyncio.wait([started, ended, watching], timeout=_CLEAN_UP_SECONDS)
        if self._failure.done():
            error = self._failure.result()
            if self._settings.instance and isinstance(error, PartitionsScattered | TopicGone):
                # A named worker that is started again gets the partitions it had, and topics that were missing when these
                # were given out stay nobody's: until the group has forgotten it.
                await asyncio.wait([asked], timeout=self._settings.session_timeout + _FORGOTTEN_SECONDS)
            if isinstance(error, WorkerError):
                raise error
            raise denial(error, "read") or await self._refused(error) or EngineFailed(error) from error

    async def _refused(self, error: BaseException) -> NotLetIn | None:
        """Why this worker is not let in, where its engine knows no more than that nobody took its connection."""
        return await entering(self._settings.bootstrap) if isinstance(error, KafkaConnectionError) else None

    async def _watch(self) -> None:
        try:
            await watch(self.app.consumer, *self._known, lambda: entering(self._settings.bootstrap))
        except WorkerError as error:
            self._fail(error)

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
        except (
            RuntimeError
        ) as error:  # its consumer ended while it was stopping, and Faust asks it to commit all the same
            self._fail(self.app.crash_reason or EngineFailed(error))

    def _fail(self, error: BaseException) -> None:
        self.app.failing = True  # nothing more is acknowledged or committed
        if not self._failure.done():
            self._failure.set_result(error)

    async def _note_time(self, *_: Any, **__: Any) -> None:
        self._assigned = self.tally.assigned_at = time.monotonic()
        self.tally.rebalances += 1

    async def _on_assigned(self, *_: Any, **__: Any) -> None:
        await self._release()
        self._recovering = asyncio.create_task(self._recover())
        await asyncio.wait([self._recovering])
        if not self._recovering.cancelled() and (error := self._recovering.exception()) is not None:
            if isinstance(error, PartitionsScattered):  # as when a topic was just deleted, or has more partitions
                error = await changed(self.app.consumer, *self._known) or error
            self._fail(error)

    async def _release(self, *_: Any, **__: Any) -> None:
        if self._recovering is not None and self._recovering.cancel():
            await asyncio.wait([self._recovering])
        await asyncio.gather(*(stage.close() for _, stage in self._stages))
        self.app.consumer.let_go()
        self.tally.leave()
        writers, self._writers = self._writers, []
        await asyncio.gather(*(writer.stop() for writer in writers))

    async def _recover(self) -> None:
        assignment = set(self.app.consumer.assignment())
        owned = [stage.owned(assignment) for _, stage in self._stages]
        opened = [
            (stage, {p: (job.begin(p), self._writer(job, p)) for p in numbers})
            for (job, stage), numbers in zip(self._stages, owned, strict=True)
        ]
        # Fenced before anything is read: what is read then is all there will be.
        afresh, *_ = await asyncio.gather(
            self._check_offsets(assignment), *(writer.start() for writer in self._writers)
        )
        parts = [
            part
            for stage, held in opened
            for p, (part, _) in held.items()
            if not afresh & {(t, p) for t in stage.topics}
        ]
        await read_back(self._settings, {tp: restore for part in parts for tp, restore in part.restores.items()})
        self._writers = []
        for stage, held in opened:
            stage.open({p: self._task(stage, p, part.fold, writer) for p, (part, writer) in held.items()})
            self.tally.epochs |= {(stage.name, p): writer.epoch for p, (_, writer) in held.items()}
        gc.freeze()  # what was read back has come to stay
        seconds = time.monotonic() - self._assigned
        self.tally.recovered(seconds)
        told = {"partitions": sorted(owned[0]), "seconds": round(seconds, 3), "version": self._settings.version}
        _log.info("recovered, and folds", extra=told)
        self._ready(owned[0], seconds)

    def _task(self, stage: Stage, partition: int, fold: Fold, writer: Writer) -> Task:
        return Task(fold, writer, self._settings, self._account(stage, partition))

    def _account(self, stage: Stage, partition: int) -> Account:
        spans = tracing.current()
        if spans is None:
            return Account(self.tally, stage.name, partition)
        from incidentlog.worker.traces import TracedAccount  # noqa: PLC0415 - it imports OpenTelemetry

        return TracedAccount(self.tally, stage.name, partition, spans, first=stage is self._stages[0][1])

    def _writer(self, job: StageJob, partition: int) -> Writer:
        writer = Writer(self._settings, self._settings.writer(job.writer, partition), self.tally, job.name)
        self._writers.append(writer)
        return writer

    async def _check_offsets(self, assignment: set[Any]) -> frozenset[Any]:
        """The partitions that start afresh; raises what tells why reading cannot go on."""
        if not assignment:
            return frozenset()
        consumer = self.app.consumer
        standing, first, ends = await asyncio.gather(
            consumer.committed(), consumer.earliest_offsets(*assignment), consumer.highwaters(*assignment)
        )
        for tp, offset in standing.offsets.items():
            if offset is not None and not first[tp] <= offset <= ends[tp]:
                raise OffsetOutOfRange(tp.topic, tp.partition, offset, first[tp], ends[tp])
            if tp in standing.afresh and first[tp] > 0:
                raise EventsDeleted(tp.topic, tp.partition, first[tp])
        for topic in sorted({tp.topic for tp in standing.doubted}):
            _log.warning(
                "%s is read from its beginning: the group's offsets were moved, or topics were made anew", topic
            )
        self.tally.begin({tp: first[tp] if offset is None else offset for tp, offset in standing.offsets.items()})
        afresh: frozenset[Any] = standing.afresh
        return afresh
