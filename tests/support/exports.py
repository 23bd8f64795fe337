"""Exports to be damaged: small ones, made without a broker, and every way to harm them a little."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import orjson

from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.exchange.about import About, Export, Writer
from incidentlog.exchange.lines import LinesExport, LinesWriter
from incidentlog.exchange.parquet import ParquetEvents, ParquetExport
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics

#: Two installations on one broker.
HERE, THERE = Topics(), Topics("there")
FILE = "history"
POSITIONS = {"incidentlog.rescue-reported": [3, 0, 1, 4]}


class Format(NamedTuple):
    """How exports of one kind are written and read."""

    suffix: str
    writer: Callable[[BinaryIO, About], Writer]
    export: Callable[[BinaryIO, str], Export]

    def write(self, events: Iterable[Event], notes: dict[str, str] | None = None) -> bytes:
        """An export of these events, with these paraphrases by event id."""
        stream, about = io.BytesIO(), About(POSITIONS)
        writer = self.writer(stream, about)
        for event in events:
            value, note = encode(event), (notes or {}).get(event.id)
            about.count(f"org.incidentlog.{event.type}.v1", note)
            writer.add(value, orjson.loads(value), note)
        writer.close()
        return stream.getvalue()

    def read(self, content: bytes) -> Export:
        """The export with that content."""
        return self.export(io.BytesIO(content), FILE)


LINES = Format(".jsonl", LinesWriter, LinesExport)
PARQUET = Format(".parquet", ParquetEvents, ParquetExport)


def place(content: bytes, byte: int) -> tuple[int, int]:
    """The line that a byte is in, and the byte at which it begins."""
    start = content.rfind(b"\n", 0, byte) + 1
    return content.count(b"\n", 0, byte) + 1, start


def flipped(content: bytes, byte: int, bit: int) -> bytes:
    """The same with one bit turned over."""
    return content[:byte] + bytes([content[byte] ^ 1 << bit]) + content[byte + 1 :]


def harmed(content: bytes, count: int, seed: int) -> Iterator[tuple[int, bytes]]:
    """So many truncations and flips of single bits: the byte where each is, and what it leaves."""
    rng = random.Random(f"harm {seed}")
    for number in range(count):
        byte = rng.randrange(len(content))
        yield byte, content[:byte] if number % 2 else flipped(content, byte, rng.randrange(8))


def log(memory: MemoryBroker, topics: Topics) -> dict[tuple[str, int], list[Any]]:
    """The event topics of an installation, partition by partition, as bytes."""
    found: dict[tuple[str, int], list[Any]] = {}
    for name in (*topics.counted, *topics.official):
        for record in memory.records(name):
            place = topics.event_type(name), record.partition
            found.setdefault(place, []).append((record.key, record.value, record.headers))
    return found


def put(memory: MemoryBroker, value: bytes, topic: str = "RescueReported", key: str | None = None) -> None:
    """Append a record as whoever does not use our publisher might."""
    cell = key if key is not None else str(decode(value).cell)
    place = TopicPartition(HERE.events(topic), partition_of(cell.encode(), HERE.partitions))
    memory.append(place, [(cell.encode(), value, (("content-type", b"application/cloudevents+json; charset=UTF-8"),))])
