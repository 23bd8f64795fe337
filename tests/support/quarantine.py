"""Dead letters without a worker: bad records in a broker in memory, judged as a worker judges them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from incidentlog.bench.load import Load, Produced, events
from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.schemas.dead_letters import Origin
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused, dead_letter
from incidentlog.worker.reading import Reader
from support.poison import Poison, poisons

#: What publishing again mends by itself: the event is right, only its place, key or size was not.
MENDED_ALONE = {"wrong_topic", "wrong_key", "wrong_partition", "oversized"}


def registered(count: int, seed: int = 1) -> list[Produced]:
    """Claims whose offices are registered: a publisher takes them."""
    return [
        each for each in events(Load.of(count, seed=seed, withdrawn=0.0, parts=0.0)) if b"causationid" not in each.value
    ]


def spoiled(good: Sequence[Produced], topics: Topics, seed: int = 1) -> dict[Poison, Produced]:
    """Each event as a bad record of one kind, all kinds in turn; by what it was spoiled from."""
    rng = random.Random(seed)
    kinds = len(poisons(good[0], topics))
    made = {poisons(each, topics)[number % kinds]: each for number, each in enumerate(good)}
    return dict(rng.sample(sorted(made.items()), len(made)))


def append(memory: MemoryBroker, topics: Topics, records: Iterable[Produced | Poison]) -> None:
    """Put good and bad records into their topics."""
    for each in records:
        if isinstance(each, Poison):
            memory.append(TopicPartition(each.topic, each.partition), [(each.key, each.value, [("trace", b"t1")])])
        else:
            place = TopicPartition(topics.events(each.home), partition_of(each.key, topics.partitions))
            memory.append(place, [(each.key, each.value, ())])


def condemn(memory: MemoryBroker, topics: Topics) -> int:
    """Write a dead letter for every record of the event topics that a worker would refuse; how many there are."""
    readers = {number: Reader(topics, number, topics.partitions) for number in range(topics.partitions)}
    letters = []
    for topic in (*topics.counted, *topics.official):
        for record in memory.records(topic):
            try:
                readers[record.partition].read(topic, record)
            except Refused as why:
                letters.append(dead_letter(record, Origin(topic, record.partition, record.offset), why, "estimates"))
    memory.append(
        TopicPartition(topics.dead_letters, 0), ((key or b"", value, headers) for key, value, headers in letters)
    )
    return len(letters)
