"""Reading what was appended: events in one sequence, the statements of a cell, paraphrases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import NamedTuple, Self

import orjson

from incidentlog.client.connect import broker_at
from incidentlog.client.errors import BadRecord, NotOpen
from incidentlog.client.live import live_topics
from incidentlog.client.merging import Merge
from incidentlog.client.ports import Broker, Position, Reader, Record, TopicPartition
from incidentlog.client.reading import partitions_of, read_all
from incidentlog.schemas import records
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.codec import decode
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics

_CHUNK = 256 << 10
OnBad = Callable[[BadRecord], None]


class RecordedEvent(NamedTuple):
    """An event as read back, with its place in the log and its record's key."""

    event: Event
    position: Position
    key: str


class History:
    """Reads the log from the beginning, or from positions given, to where it ends when reading starts.

        async with History("localhost:19092") as history:
            async for recorded in history.events():
                print(recorded.position, recorded.event.type)

    Statements are those of the version that is live when it is opened, or of `version`. For one task at a time.
    """

    def __init__(self, broker: str | Broker, *, topics: Topics | None = None, version: str | None = None) -> None:
        self._broker, self._topics, self._version = broker_at(broker), topics or Topics(), version
        self._stack = AsyncExitStack()
        self._reader: Reader | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            reader = await stack.enter_async_context(self._broker.reader(chunk=_CHUNK))
            self._topics = await live_topics(reader, self._topics, self._version)
            self._reader, self._stack = reader, stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader = None
        await self._stack.aclose()

    async def events(
        self,
        only: Iterable[str] | None = None,
        *,
        start: Mapping[TopicPartition, int] | None = None,
        bad: OnBad | None = None,
    ) -> AsyncIterator[RecordedEvent]:
        """Events of all event topics (or of those in `only`), each partition from its position in `start`.

        Ordered by time of appending, then topic, partition and offset. A record that is no event raises BadRecord; with
        `bad`, that one hears of it and reading goes on.
        """
        async for record in self.records(only, start=start):
            try:
                event = decode(record.value or b"")
            except DecodeError as error:
                problem = BadRecord(record.topic, record.partition, record.offset, error.reason, error.detail)
                if bad is None:
                    raise problem from error
                bad(problem)
                continue
            position = Position(record.topic, record.partition, record.offset)
            yield RecordedEvent(event, position, (record.key or b"").decode(errors="replace"))

    async def records(
        self,
        only: Iterable[str] | None = None,
        *,
        start: Mapping[TopicPartition, int] | None = None,
        end: Mapping[TopicPartition, int] | None = None,
    ) -> AsyncIterator[Record]:
        """The same as bytes, whatever they hold; of partitions in `end` only what lies before it."""
        starts, ends = await self.bounds(only, start=start)
        ends |= {each: min(offset, ends[each]) for each, offset in (end or {}).items() if each in ends}
        async for record in Merge(self._opened(), starts, ends).records():
            yield record

    async def bounds(
        self, only: Iterable[str] | None = None, *, start: Mapping[TopicPartition, int] | None = None
    ) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        """Where reading would begin and end now; the sum of the differences is how many records it is, at most."""
        reader = self._opened()
        topics = [*self._topics.counted, *self._topics.official] if only is None else list(only)
        partitions = await partitions_of(reader, topics)
        firsts, ends = await reader.start_offsets(partitions), await reader.end_offsets(partitions)
        given = start or {}
        return {each: max(first, given.get(each, first)) for each, first in firsts.items()}, ends

    async def statements(self, cell: Cell | str) -> list[Statement]:
        """The set of one cell as the worker keeps it, copies under one id included; empty if nothing was folded yet."""
        return (await self.statements_of([cell]))[str(cell)]

    async def statements_of(self, cells: Iterable[Cell | str]) -> dict[str, list[Statement]]:
        """The sets of several cells, each partition read once."""
        wanted = {str(cell): str(cell).encode() for cell in cells}
        topic = self._topics.statements
        count = (await self._opened().partition_counts([topic]))[topic]
        where = {TopicPartition(topic, partition_of(key, count)) for key in wanted.values()}
        found: dict[str, list[Statement]] = {cell: [] for cell in wanted}
        for key, value in (await self._table(where)).items():
            cell = key.partition(b"#")[0].decode()
            if cell in found:
                found[cell].append(records.load(value))
        return found

    async def notes(self, claims: Iterable[str] | None = None) -> dict[str, str]:
        """The paraphrases of these claims or of all, by id; those without one, or whose note was erased, are left out."""
        table = await self._table(await partitions_of(self._opened(), [self._topics.notes]))
        wanted = table.keys() if claims is None else {claim.encode() for claim in claims}
        return {key.decode(): orjson.loads(value)["note"] for key, value in table.items() if key in wanted}

    async def _table(self, where: Iterable[TopicPartition]) -> dict[bytes, bytes]:
        """The newest value of each key."""
        table: dict[bytes, bytes] = {}
        async for chunk in read_all(self._opened(), where):
            for record in chunk:
                if record.value is None:
                    table.pop(record.key or b"", None)
                else:
                    table[record.key or b""] = record.value
        return table

    def _opened(self) -> Reader:
        if self._reader is None:
            raise NotOpen("History")
        return self._reader
