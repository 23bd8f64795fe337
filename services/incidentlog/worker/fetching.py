"""Records as their batch holds them: aiokafka makes a second object of each, which costs a tenth of a small fold.

They have a key, a value, an offset, a timestamp and headers, but no topic and no partition: whoever gets a chunk knows these.
"""

# ruff: noqa: SLF001
# mypy: disable-error-code="misc"
# The insides of aiokafka are reached into here; `tests/contract/test_engine.py` pins them.
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords


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


class BatchConsumer(AIOKafkaConsumer):
    """A consumer whose `getmany` gives such records."""

    async def start(self) -> None:
        """Connect; what is fetched from now on is kept as it is."""
        await super().start()
        self._fetcher._records = Fetched()
