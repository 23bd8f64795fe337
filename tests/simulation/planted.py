"""Bugs to plant in the worker: each one a way to lose, repeat or overwrite what the product must keep."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from faust.transport import consumer as faust_consumer

from incidentlog.worker import engine
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.task import Task
from incidentlog.worker.writer import Writer
from simulation.faults import KINDS
from simulation.transactions import Transactions

_fold, _seek, _start, _store = Task.fold, engine._seek_to_committed, Writer.start, Writer.store
_initialize, _wait_empty = Transactions.initialize, engine.Consumer.wait_empty


def commit_before_acknowledgement() -> Any:
    """A chunk counts as done once it is folded, stored or not."""

    async def fold(self: Task, event: Any, *, behind: bool) -> None:
        await _fold(self, event, behind=behind)
        event.ack()

    return mock.patch.object(Task, "fold", fold)


def resume_one_too_far() -> Any:
    """Reading goes on behind the record that comes next."""

    async def seek(consumer: Any, marks: Any) -> Any:
        offsets = await _seek(consumer, marks)
        for tp, offset in offsets.items():
            if offset:
                consumer.seek(tp, offset + 1)
        return offsets

    return mock.patch.object(engine, "_seek_to_committed", seek)


def resume_behind_the_newest_known() -> Any:
    """Reading goes on behind the newest event that is stored: it may be a repetition, with unknown ones before it."""

    async def seek(consumer: Any, marks: Any) -> Any:
        offsets = await _seek(consumer, marks)
        invariants, log = consumer._broker.invariants, consumer._broker.log
        for tp in offsets:
            known = [r.offset for r in log[tp].read(0, log[tp].end)[0] if r.value and invariants.is_done(r)]
            consumer.seek(tp, max([offsets[tp] or 0, *(offset + 1 for offset in known)]))
        return offsets

    return mock.patch.object(engine, "_seek_to_committed", seek)


def no_fence() -> Any:
    """Each writer has a transactional id of its own, so that none takes anything from another."""
    numbers = itertools.count()

    def writer(_settings: WorkerSettings, stage: str, partition: int) -> str:
        return f"writer {next(numbers)} of {stage} {partition}"

    return mock.patch.object(WorkerSettings, "writer", writer)


def acknowledgements_out_of_order() -> Any:
    """Every other chunk is put aside for a moment, and the one behind it is done first."""
    turns = itertools.count()

    async def later(task: Task, event: Any, behind: bool) -> None:  # noqa: FBT001
        await asyncio.sleep(0.5)
        await _fold(task, event, behind=behind)

    async def fold(self: Task, event: Any, *, behind: bool) -> None:
        if next(turns) % 2:
            self.aside = asyncio.ensure_future(later(self, event, behind))  # type: ignore[attr-defined]
        else:
            await _fold(self, event, behind=behind)

    return mock.patch.object(Task, "fold", fold)


@contextmanager
def read_before_fencing() -> Iterator[None]:
    """The former owner is fenced by the first store, when all has been read back."""

    async def start(self: Writer) -> None:
        pass

    async def store(self: Writer, outbox: Any) -> None:
        if self._producer.number == 0:
            await _start(self)
        await _store(self, outbox)

    with mock.patch.object(Writer, "start", start), mock.patch.object(Writer, "store", store):
        yield


def markers_not_awaited() -> Any:
    """A writer has begun although the former one's last transaction is not marked everywhere yet."""

    def initialize(self: Transactions, name: str) -> int:
        ongoing = self._ongoing.get(name)
        if ongoing is not None and ongoing.ending:
            self._epochs[name] += 1
            return self._epochs[name]
        return _initialize(self, name)

    return mock.patch.object(Transactions, "initialize", initialize)


def chunks_dropped_at_a_rebalance() -> Any:
    """What is in hand when partitions are taken counts as done."""

    async def wait_empty(self: Any) -> None:
        for message in list(self._unacked_messages):
            message.ack(self)
        await _wait_empty(self)

    return mock.patch.object(engine.Consumer, "wait_empty", wait_empty)


@contextmanager
def refused_commits_remembered() -> Iterator[None]:
    """As Faust has it: an offset that the group refused still counts as committed where nothing else is.

    It takes a zombie that comes back to its partitions: there are many here.
    """

    async def seek(self: Any) -> None:
        self.stop_flow()
        await faust_consumer.Consumer.perform_seek(self)

    plain = faust_consumer.Consumer._commit_offsets
    with (
        mock.patch.object(engine.Consumer, "perform_seek", seek),
        mock.patch.object(engine.Consumer, "_commit_offsets", plain),
        _only("paused"),
    ):
        yield


def _only(*kinds: str) -> Any:
    """Faults of these kinds alone."""
    return mock.patch.dict(KINDS, {kind: (act, int(kind in kinds)) for kind, (act, _) in KINDS.items()})


Plant = Callable[[], AbstractContextManager[Any]]
