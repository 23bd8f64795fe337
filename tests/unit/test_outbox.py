"""Sending an outbox: whoever takes over in the middle of it is named, not what the client makes of it afterwards."""

from __future__ import annotations

import asyncio
from asyncio import Future
from typing import Any

import pytest
from aiokafka.errors import IllegalOperation, ProducerFenced

from incidentlog.worker.outbox import NO_HEADERS, send


class Batch(list[Any]):
    """Takes a single record."""

    def append(self, **record: Any) -> Any:  # type: ignore[override]
        if self:
            return None
        super().append(record)
        return record


class Overtaken:
    """A producer whose transaction ends under it before the `limit`-th batch is taken."""

    def __init__(self, limit: int, failure: Exception | None) -> None:
        self.limit, self.failure, self.futures = limit, failure, list[Future[Any]]()

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, _batch: Batch, _topic: str, *, partition: int) -> Future[Any]:
        if len(self.futures) == self.limit:
            for future in self.futures:
                future.set_exception(self.failure) if self.failure else future.set_result(partition)
            raise IllegalOperation("not in a transaction")
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]


OUTBOX = {("t", 0): [(b"a", b"1", NO_HEADERS), (b"b", b"2", NO_HEADERS)], ("t", 1): [(b"c", b"3", NO_HEADERS)]}


@pytest.mark.parametrize("limit", [1, 2])
async def test_the_cause_is_told(limit: int) -> None:
    with pytest.raises(ProducerFenced):
        await send(Overtaken(limit, ProducerFenced()), OUTBOX)


@pytest.mark.parametrize("limit", [0, 1, 2])
async def test_where_nobody_knows_the_cause_the_symptom_is(limit: int) -> None:
    with pytest.raises(IllegalOperation):
        await send(Overtaken(limit, None), OUTBOX)
