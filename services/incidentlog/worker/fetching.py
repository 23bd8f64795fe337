"""Fetching in batches, and not too often.

Records stay as their batch holds them: aiokafka makes a second object of each, which costs a tenth of a small fold. They have
a key, a value, an offset, a timestamp and headers, but no topic and no partition: whoever gets a chunk knows these.
"""

# ruff: noqa: SLF001
# mypy: disable-error-code="misc"
# The insides of aiokafka are reached into here; `tests/contract/test_engine.py` pins them.
from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords


class BatchRecords(PartitionRecords):
    """What came of one partition, record by record, without aborted transactions and control records."""

    def __iter__(self) -> Iterator[Any]:
        records: Iterator[Any] = self._records_iterator
        return records

    def _consumer_record(self, tp: Any, record: Any) -> Any:  # noqa: ARG002
        return record


class Fetched(OrderedDict[Any, Any]):
    """What a fetcher holds until somebody asks for it, by partition."""

    def __setitem__(self, tp: Any, result: Any) -> None:
        if isinstance(result, FetchResult):
            result._partition_records.__class__ = BatchRecords
        super().__setitem__(tp, result)


class PacedFetcher(Fetcher):
    """Leaves some time from one fetch of a broker to its next.

    A fetch names every partition there is to read, a hundred and more, and is answered as soon as one has a record: with a
    thousand events a second broker and worker would be busy with little else. A full one takes longer to fold anyway.
    """

    every: float
    sent: dict[int, float]

    async def _proc_fetch_request(self, assignment: Any, node_id: int, request: Any) -> Any:
        loop, sent = asyncio.get_running_loop(), self.sent
        try:
            await asyncio.sleep(max(0.0, sent.get(node_id, 0.0) + self.every - loop.time()))
        except asyncio.CancelledError:  # closed, or other partitions: the client expects no exception
            return False
        sent[node_id] = loop.time()
        return await super()._proc_fetch_request(assignment, node_id, request)


class BatchConsumer(AIOKafkaConsumer):
    """A consumer whose `getmany` gives such records; `fetch_every`: the seconds from one fetch of a broker to its next."""

    fetch_every = 0.0

    async def start(self) -> None:
        """Connect; what is fetched from now on is kept as it is."""
        await super().start()
        self._fetcher._records = Fetched()
        self._fetcher.__class__ = PacedFetcher
        self._fetcher.every, self._fetcher.sent = self.fetch_every, {}
