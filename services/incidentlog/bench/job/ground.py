"""Where the job is measured: topics with a prefix of their own, events put there, and how far workers are with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from incidentlog.bench.load import Produced
from incidentlog.bench.sums.cluster import PARTITIONS, Cluster
from incidentlog.schemas.topics import PROJECTIONS, Topics
from incidentlog.topics import apply

#: Seconds between two looks at how far a worker is: a short run is looked at more often than a long one.
_LOOK_SECONDS, _LONGEST_LOOK = 0.02, 0.25
#: At most so many offsets at the end of a partition are markers of transactions that ended together.
_MARKERS = 64


@dataclass(slots=True)
class Table:
    """A topic read to its end: the newest value of each key, and how much was ever written."""

    newest: dict[bytes, bytes] = field(default_factory=dict)
    records: int = 0
    bytes: int = 0


class Ground(Cluster):
    """A cluster with sets of topics under one prefix: event topics for each `name`, tables for each of its versions."""

    async def lay(self, name: str, version: str) -> Topics:
        """All topics of a set, those that are there already as they are."""
        topics = Topics(f"{self.prefix}-{name}", version, PARTITIONS)
        await apply(self.bootstrap, topics)
        return topics

    async def clear(self, topics: Topics, *, events: bool = False) -> None:
        """Remove a version's tables, and with `events` the event topics as well."""
        own = f"{topics.prefix}."
        await self.remove(lambda name: name.startswith(own) and (events or name.endswith(f".{topics.version}")))

    async def publish(self, topics: Topics, produced: Iterable[Produced], told: Callable[[int], object]) -> None:
        """Append events to their topics; `told` hears of how many are there."""
        await self.append(((topics.events(home), key, value) for home, key, value in produced), told)

    async def folded(self, topics: Topics, seconds: float) -> None:
        """Wait until every event is folded and committed."""
        await self._done(topics, (*topics.counted, *topics.official), seconds)

    async def rolled_up(self, topics: Topics, seconds: float) -> None:
        """Wait until every contribution is folded and committed; behind the last of them are markers of transactions."""
        await self._done(topics, (topics.contributions,), seconds)

    async def _done(self, topics: Topics, names: Iterable[str], seconds: float) -> None:
        partitions = [TopicPartition(name, p) for name in names for p in range(topics.partitions)]
        async with asyncio.timeout(seconds), self._reader("read_uncommitted") as consumer:
            consumer.assign(partitions)
            look = _LOOK_SECONDS
            while True:
                committed, ends = await self._committed(topics), await consumer.end_offsets(partitions)
                left = {tp: committed.get(tp, 0) for tp in partitions if committed.get(tp, 0) < ends[tp]}
                if all(ends[tp] - offset <= _MARKERS for tp, offset in left.items()) and not await _any(
                    consumer, left, ends
                ):
                    return
                await asyncio.sleep(look := min(1.02 * look, _LONGEST_LOOK))

    async def _committed(self, topics: Topics) -> dict[TopicPartition, int]:
        try:
            offsets = await self._admin.list_consumer_group_offsets(topics.group)
        except KafkaError:  # a coordinator that is not there yet
            return {}
        return {tp: each.offset for tp, each in offsets.items() if each.offset >= 0}

    async def table(self, topics: Topics, name: str, wanted: Callable[[bytes], bool] = lambda _: True) -> Table:
        """What a topic holds, with the newest values of the wanted keys."""
        table, partitions = Table(), [TopicPartition(name, p) for p in range(topics.partitions)]
        async with self._reader("read_committed") as consumer:
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    for record in records:
                        table.bytes += len(record.key or b"") + len(record.value or b"")
                        if wanted(record.key):
                            table.newest[record.key] = record.value
                    table.records += len(records)
        return table

    def _reader(self, isolation: str) -> Any:
        return AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False,
            isolation_level=isolation, max_partition_fetch_bytes=4 << 20, fetch_max_wait_ms=50,
        )  # fmt: skip


async def _any(consumer: Any, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> bool:
    """Whether there are records from these offsets on, and not only markers."""
    for tp, offset in starts.items():
        consumer.seek(tp, offset)
    while behind := [tp for tp in starts if await consumer.position(tp) < ends[tp]]:
        if await consumer.getmany(*behind, timeout_ms=50):
            return True
    return False


def tables(topics: Topics) -> dict[str, str]:
    """The tables that workers write, by what they are called in results."""
    names = {"statements": topics.statements, "contributions": topics.contributions}
    return names | {name: topics.rows(name) for name in PROJECTIONS}
