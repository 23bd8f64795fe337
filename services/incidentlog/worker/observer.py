"""The observer: looks every few seconds how far a worker is, and tells of it from another thread when it is asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client.core import Metric

from incidentlog.client.background import running
from incidentlog.client.connect import broker_at
from incidentlog.client.lookout import Lookout
from incidentlog.client.ports import TopicPartition
from incidentlog.observing.health import Health
from incidentlog.observing.trend import STILL_SECONDS, Place, Trend
from incidentlog.worker.health import Facts, judge
from incidentlog.worker.metrics import Standing, families
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.worker import Worker

#: Seconds from one look to the next, and from one beat; what is in memory is counted less often, where that takes long.
LOOK, _BEAT, _SHARE = 5.0, 1.0, 200
#: Until the next look, while it is not known how far it is.
_SOON = 0.5
#: Records that travel through the engine as one, at most: of a worker that is held back they move on together.
_CHUNK = 4_000


class Observer:
    """`run(…, watched=observer.watch)`; `health` and `metrics` may be asked by any thread, before and after too."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._version = settings.version
        self._lookout = Lookout(broker_at(settings.bootstrap))
        still = STILL_SECONDS + (_CHUNK / settings.rate if settings.rate else 0.0)
        now = time.monotonic()
        self._facts = Facts(began=now, beat=now, trend=Trend(still))
        self._worker: Worker | None = None
        self._census, self._census_due = (0, 0, 0), 0.0

    @asynccontextmanager
    async def watch(self, worker: Worker) -> AsyncIterator[None]:
        """Watch it while this is entered."""
        self._worker = worker
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._lookout.close)
            await stack.enter_async_context(running(self._beat()))
            await stack.enter_async_context(running(self._look()))
            yield
        self._facts.ending = "it has stopped"

    def health(self) -> Health:
        """Its health at this moment."""
        return judge(self._current(), time.monotonic(), time.time())

    def metrics(self) -> Iterable[Metric]:
        """Its metrics at this moment."""
        facts, worker = self._current(), self._worker
        health = self.health()
        standing = Standing(
            self._version, facts, health.live, health.ready, self._census, time.monotonic(), time.time()
        )
        return families(standing, worker.tally, worker.counts, worker.partitions) if worker else ()

    def _current(self) -> Facts:
        facts, worker = self._facts, self._worker
        facts.silent_since = self._lookout.silent_since
        if worker is not None:
            tally = worker.tally
            facts.busy, facts.assigned_at, facts.recovered_at = tally.busy, tally.assigned_at, tally.recovered_at
            facts.positions, facts.newest = tally.positions, dict(tally.newest)
            facts.owned = {stage.name: tuple(sorted(stage.tasks)) for _, stage in worker.stages}
            if worker.failed:
                facts.ending = "it is about to end: something failed, see its log"
            elif worker.app.should_stop:
                facts.ending = "it was asked to stop, and stores what it has"
        return facts

    async def _beat(self) -> None:
        while True:
            self._facts.beat = time.monotonic()
            await asyncio.sleep(_BEAT)

    async def _look(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK if self._current().current else min(LOOK, _SOON))

    async def look(self) -> None:
        """Look once."""
        worker, moment = self._worker, time.monotonic()
        assert worker is not None
        stages = {topic: stage.name for _, stage in worker.stages for topic in stage.topics}
        positions = {TopicPartition(*place): at for place, at in worker.tally.positions.items()}
        newest = {TopicPartition(*place): at for place, at in worker.tally.newest.items()}
        seen = await self._lookout.look(positions, newest)
        if seen is None:
            self._facts.trend.miss()
        else:
            places = {Place(stages[each.topic], *each): now for each, now in seen.items()}
            self._facts.trend.note(moment, places)
        self._count(worker)

    def _count(self, worker: Worker) -> None:
        """Count what is in memory, which takes some time where there are very many cells."""
        began = time.monotonic()
        if began >= self._census_due:
            parts = [task.state for _, stage in worker.stages for task in stage.tasks.values()]
            told = [part.census() for part in parts if hasattr(part, "census")]
            self._census = (sum(each[0] for each in told), sum(each[1] for each in told), sum(each[2] for each in told))
            self._census_due = began + _SHARE * (time.monotonic() - began)
