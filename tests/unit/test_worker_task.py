"""A task of the worker: what is folded is stored in order, acknowledged after that, and never when a fold failed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from incidentlog.worker.outbox import Outbox
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.task import Task

SETTINGS = WorkerSettings("127.0.0.1:9", every=0.0, every_behind=0.0, waiting=5)


class Sums:
    """A fold whose state is the number of records; a record that is None makes it fail half way."""

    def __init__(self) -> None:
        self.new: list[Any] = []

    def fold(self, _topic: str, chunk: Any) -> None:
        for record in chunk:
            self.new.append(record)
            if record is None:
                raise ZeroDivisionError

    def take(self) -> Outbox:
        taken, self.new = self.new, []
        return {("rows", 0): [(None, b"%d" % each, []) for each in taken]} if taken else {}


class SlowWriter:
    """Stores when it is let."""

    def __init__(self, log: list[Any]) -> None:
        self.log, self.let, self.stopped = log, asyncio.Semaphore(0), False

    async def store(self, outbox: Outbox) -> None:
        await self.let.acquire()
        self.log.append(("stored", [int(value or b"") for _, value, _ in outbox["rows", 0]]))

    async def stop(self) -> None:
        self.stopped = True


def _event(log: list[Any], *records: Any) -> Any:
    return SimpleNamespace(
        message=SimpleNamespace(topic="t"), value=list(records), ack=lambda: log.append(("acked", list(records)))
    )


def _unwanted(error: BaseException) -> None:
    raise AssertionError(error)


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_chunks_are_acknowledged_in_order_and_only_after_they_are_stored() -> None:
    log: list[Any] = []
    writer = SlowWriter(log)
    task = Task(Sums(), writer, SETTINGS)  # type: ignore[arg-type]
    task.open(_unwanted)
    await task.fold(_event(log, 1), behind=False)
    await _turns()
    await task.fold(_event(log, 2), behind=False)
    await task.fold(_event(log, 3), behind=False)
    await _turns()
    assert log == []
    writer.let.release()
    await _turns()
    assert log == [("stored", [1]), ("acked", [1])]
    writer.let.release()
    await _turns()
    assert log[2:] == [("stored", [2, 3]), ("acked", [2]), ("acked", [3])]
    await task.close()
    assert writer.stopped


async def test_folding_waits_while_too_many_events_are_not_stored() -> None:
    log: list[Any] = []
    writer = SlowWriter(log)
    task = Task(Sums(), writer, SETTINGS)  # type: ignore[arg-type]
    task.open(_unwanted)
    await task.fold(_event(log, 1), behind=False)
    await _turns()  # the first transaction is under way
    await task.fold(_event(log, *range(5)), behind=False)
    waiting = asyncio.create_task(task.fold(_event(log, 9), behind=False))
    await _turns()
    assert not waiting.done()
    writer.let.release()
    await _turns()
    assert waiting.done()
    await task.close()


async def test_a_fold_that_fails_stores_and_acknowledges_nothing_more() -> None:
    log: list[Any] = []
    writer = SlowWriter(log)
    task = Task(Sums(), writer, SETTINGS)  # type: ignore[arg-type]
    task.open(_unwanted)
    await task.fold(_event(log, 1), behind=False)
    await _turns()
    with pytest.raises(ZeroDivisionError):
        await task.fold(_event(log, 2, None, 3), behind=False)
    writer.let.release()
    await _turns()
    assert log == []
    await task.close()


async def test_what_stops_storing_is_told() -> None:
    class Broken(SlowWriter):
        async def store(self, _outbox: Outbox) -> None:
            raise ConnectionError("gone")

    log: list[Any] = []
    told: list[BaseException] = []
    task = Task(Sums(), Broken(log), SETTINGS)  # type: ignore[arg-type]
    task.open(told.append)
    await task.fold(_event(log, 1), behind=False)
    await _turns()
    assert [str(error) for error in told] == ["gone"]
    assert log == []
    await task.close()


async def test_far_behind_it_waits_longer_but_not_without_room_or_once_it_has_caught_up() -> None:
    log: list[Any] = []
    writer = SlowWriter(log)
    writer.let = asyncio.Semaphore(100)
    task = Task(Sums(), writer, WorkerSettings("127.0.0.1:9", every=0.0, every_behind=3600.0, waiting=3))  # type: ignore[arg-type]
    task.open(_unwanted)
    await task.fold(_event(log, 1), behind=True)
    await _turns()
    await task.fold(_event(log, 2), behind=True)
    await task.fold(_event(log, 3), behind=True)
    await _turns()
    assert log == [("stored", [1]), ("acked", [1])]
    await task.fold(_event(log, 4), behind=True)
    await task.fold(_event(log, 5), behind=True)  # no room before the others are stored
    await _turns()
    assert log[2:] == [("stored", [2, 3, 4]), ("acked", [2]), ("acked", [3]), ("acked", [4])]
    await task.fold(_event(log, 6), behind=False)
    await _turns()
    assert log[6:] == [("stored", [5, 6]), ("acked", [5]), ("acked", [6])]
    await task.close()


async def test_before_a_stop_what_is_folded_is_stored_though_more_waits_to_be_read() -> None:
    log: list[Any] = []
    writer = SlowWriter(log)
    writer.let = asyncio.Semaphore(9)
    task = Task(Sums(), writer, replace(SETTINGS, every_behind=3600.0))  # type: ignore[arg-type]
    task.open(_unwanted)
    await _turns()  # the first transaction, of nothing, is over
    await task.fold(_event(log, 1), behind=True)
    await _turns()
    assert log == []
    task.hurry()
    await _turns()
    assert log == [("stored", [1]), ("acked", [1])]
    await task.close()
