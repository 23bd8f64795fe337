"""Reading partitions up to an end known beforehand, judged by position, never by the last record seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from incidentlog.client.ports import Reader, Record, TopicPartition

_PAUSE = 0.1


async def partitions_of(reader: Reader, topics: Iterable[str]) -> list[TopicPartition]:
    """All partitions of the topics; TopicMissing names those that do not exist."""
    counts = await reader.partition_counts(topics)
    return [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]


async def read_to_end(
    reader: Reader, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> AsyncIterator[Sequence[Record]]:
    """Chunks of records from `starts` to before `ends`, each of one partition, in its order.

    The end may be a transaction marker or compacted away, so what counts is that the reader's position has reached it.
    """
    open_ones = {each for each, start in starts.items() if start < ends[each]}
    reader.assign({each: starts[each] for each in open_ones})
    while open_ones:
        found = await reader.fetch(_PAUSE)
        for partition, records in found.items():
            if partition in open_ones:
                yield _before(records, ends[partition])
        done = {each for each in open_ones if await reader.position(each) >= ends[each]}
        reader.pause(done)
        open_ones -= done


async def read_all(reader: Reader, partitions: Iterable[TopicPartition]) -> AsyncIterator[Sequence[Record]]:
    """Chunks of all records there are now, as `read_to_end` gives them."""
    places = list(partitions)
    starts, ends = await reader.start_offsets(places), await reader.end_offsets(places)
    async for chunk in read_to_end(reader, starts, ends):
        yield chunk


async def first_timestamps(
    reader: Reader, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """When the first record at or after each of these offsets was appended, in milliseconds since 1970; nothing where there
    is none to read."""
    found: dict[TopicPartition, int] = {}
    pending = set(starts)
    reader.assign(starts)
    while pending:
        chunks = await reader.fetch(_PAUSE)
        found |= {each: records[0].timestamp for each, records in chunks.items() if each in pending and records}
        done = {each for each in pending if each in found or await reader.position(each) >= ends[each]}
        reader.pause(done)
        pending -= done
    return found


def _before(records: Sequence[Record], end: int) -> Sequence[Record]:
    """Those before `end`: more may have been appended meanwhile."""
    if not records or records[-1].offset < end:
        return records
    return [record for record in records if record.offset < end]
