"""Which events the log holds: their ids, digests and cells, learned at start and from what is published meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from incidentlog.client.errors import TopicMissing
from incidentlog.client.live import live_topics
from incidentlog.client.ports import Broker, Reader, Record, TopicPartition
from incidentlog.client.reading import partitions_of, read_to_end
from incidentlog.schemas import codec, records
from incidentlog.schemas.about import Target
from incidentlog.schemas.envelope import LARGEST
from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.statements import BY_KEY, CLAIM, REDACTION
from incidentlog.schemas.topics import Topics


class Entry(NamedTuple):
    """One event: the digest of its content and its cell."""

    digest: str
    cell: str


class Known:
    """Ids with digests and cells, about 200 bytes for each; `redacted` holds the targets of redactions.

    `ends` is up to where the event topics were read.
    """

    def __init__(self) -> None:
        self._entries: dict[bytes, bytes] = {}
        self._cells: list[str] = []
        self._numbers: dict[str, int] = {}
        self.redacted: set[str] = set()
        self.ends: dict[TopicPartition, int] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, event_id: str) -> Entry | None:
        """What is known of an event."""
        packed = self._entries.get(bytes.fromhex(event_id))
        if packed is None:
            return None
        return Entry(packed[:16].hex(), self._cells[int.from_bytes(packed[16:], "big")])

    def add(self, event_id: str, digest: str, cell: str) -> None:
        """Remember an event, unless its id is known: the first content under an id stays."""
        number = self._numbers.get(cell)
        if number is None:
            number = self._numbers[cell] = len(self._cells)
            self._cells.append(cell)
        self._entries.setdefault(bytes.fromhex(event_id), bytes.fromhex(digest) + number.to_bytes(4, "big"))

    def redact(self, target: Target) -> None:
        """Remember that what the target says in free text was erased."""
        self.redacted.add(target.id or f"{BY_KEY}{target.statement_key}")

    def forget(self, event_ids: Iterable[str]) -> None:
        """Events that were not appended after all."""
        for event_id in event_ids:
            self._entries.pop(bytes.fromhex(event_id), None)


class Trial(Known):
    """What would be known besides, were some events appended: nothing of it is told to the `Known` beneath."""

    def __init__(self, beneath: Known) -> None:
        super().__init__()
        self._beneath = beneath
        self.redacted = beneath.redacted

    def get(self, event_id: str) -> Entry | None:
        """What is known of an event, or would be."""
        return self._beneath.get(event_id) or super().get(event_id)


async def learn(broker: Broker, topics: Topics) -> Known:
    """What the log holds now: the statements of the live version, and the events that its workers have not folded yet.

    The committed offsets are taken first: whatever was folded before them is then among the statements. TopicMissing if
    an event topic does not exist; where nothing was ever folded, everything is read from the event topics.
    """
    known = Known()
    async with broker.reader() as reader:
        topics = await live_topics(reader, topics)
        async with broker.admin() as admin:
            committed = await admin.committed(topics.group)
        try:
            statements = await partitions_of(reader, [topics.statements])
        except TopicMissing:
            statements, committed = [], {}
        counts = await reader.partition_counts([*topics.counted, *topics.official])
        starts = dict.fromkeys(statements, 0) | await _tails(reader, counts, committed)
        ends = await reader.end_offsets(starts)
        starts |= await reader.start_offsets(statements)
        async for chunk in read_to_end(reader, starts, ends):
            _take(known, topics, counts, chunk)
    known.ends = {each: end for each, end in ends.items() if each.topic in counts}
    return known


async def learn_more(known: Known, broker: Broker, topics: Topics, partition: TopicPartition) -> None:
    """Learn what others appended to a partition of events meanwhile: its redactions above all."""
    async with broker.reader() as reader:
        counts = await reader.partition_counts([partition.topic])
        firsts, ends = await reader.start_offsets([partition]), await reader.end_offsets([partition])
        start = max(firsts[partition], known.ends.get(partition, 0))
        async for chunk in read_to_end(reader, {partition: start}, ends):
            _take(known, topics, counts, chunk)
    known.ends |= ends


async def _tails(
    reader: Reader, counts: Mapping[str, int], committed: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    partitions = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
    firsts = await reader.start_offsets(partitions)
    return {each: max(firsts[each], committed.get(each, 0)) for each in partitions}


def _take(known: Known, topics: Topics, counts: Mapping[str, int], chunk: Sequence[Record]) -> None:
    """Learn from a chunk of statements or of events; what cannot be read is not known."""
    for record in chunk:
        try:
            if record.topic == topics.statements:
                _take_statement(known, record)
            else:
                _take_event(known, record, topics, counts[record.topic])
        except (IncidentlogError, ValueError, KeyError, TypeError, AttributeError):
            continue


def _take_statement(known: Known, record: Record) -> None:
    if record.key is None or record.value is None:
        return
    cell, event_id, *copy = record.key.decode().split("#")
    statement = orjson.loads(record.value)
    if not copy:
        known.add(event_id, statement["digest"], cell)
    if statement["verb"] == REDACTION:
        known.redacted.add(statement["target"])


def _take_event(known: Known, record: Record, topics: Topics, partitions: int) -> None:
    """An event that the worker will take: not one that is too large, or on another topic or partition or under another key."""
    home, cell, statement = records.read(orjson.loads(record.value or b""))
    key = str(cell).encode()
    if record.topic != topics.events(home) or record.key != key or len(record.value or b"") > LARGEST:
        return
    if record.partition != partition_of(key, partitions):
        return
    if statement.content is None or statement.verb != CLAIM:
        codec.decode(record.value or b"")  # as the worker, which takes these only by the whole contract
    known.add(statement.id, statement.digest, str(cell))
    if statement.verb == REDACTION:
        known.redacted.add(statement.target)
