"""Calling the command line in this process: with a broker in memory where it would look for Kafka, or with a real one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import pytest

from incidentlog.cli import main, sources
from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.projections.project import project
from incidentlog.schemas import records
from incidentlog.schemas.codec import decode
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.topics import Topics
from incidentlog.sheets import document

# A program reads a sheet once; tests would have the shipped ones parsed a thousand times.
document.compose = lru_cache(maxsize=64)(document.compose)


class Called(NamedTuple):
    """What a call left: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    def objects(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [orjson.loads(line) for line in self.out.splitlines()]


class Calls:
    """`calls("fold", "--json")` runs one call in this process, on whatever broker the environment names."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Called:
        self._capsys.readouterr()
        status = main.run(arguments)
        written = self._capsys.readouterr()
        return Called(status, written.out, written.err)

    def objects(self, *arguments: str) -> list[dict[str, Any]]:
        """What a call that must succeed prints as JSON lines."""
        done = self(*arguments)
        assert done.status == 0, done.err
        return done.objects()


class CommandLine(Calls):
    """`call("fold", "--json")` runs one call; the broker is `memory`."""

    def __init__(self, capsys: pytest.CaptureFixture[str], memory: MemoryBroker) -> None:
        super().__init__(capsys)
        self.memory = memory

    def work(self, version: str = "v1", until: int = 0) -> None:
        """Do once what a version's workers do for as long as they live: fold the events there are, replace all rows."""
        topics = Topics(version=version)
        self.memory.create(topic for topic in topics.all() if topic.name.endswith(f".{version}"))
        events = [decode(record.value or b"") for topic in (*topics.counted, *topics.official)
                  for record in self.memory.records(topic)]  # fmt: skip
        filed = [sources.statement_of(event) for event in events]
        for cell, statement in filed:
            place = TopicPartition(topics.statements, partition_of(str(cell).encode(), topics.partitions))
            self.memory.append(place, [(records.key(cell, statement).encode(), records.dump(statement), ())])
        for row in project(filed, until=until):
            self.memory.put(topics.rows(row.projection), row.key, encode_row(row))
        places = [
            TopicPartition(name, p) for name in (*topics.counted, *topics.official) for p in range(topics.partitions)
        ]
        self.memory.commit(topics.group, {place: self.memory.log(place).end for place in places})

    def events(self) -> list[str]:
        """The types of all events in the log, sorted."""
        topics = Topics()
        stored: Iterable[Any] = (r for topic in (*topics.counted, *topics.official) for r in self.memory.records(topic))
        return sorted(decode(record.value or b"").type for record in stored)


@pytest.fixture
def calls(capsys: pytest.CaptureFixture[str]) -> Calls:
    """The command line as it is."""
    return Calls(capsys)


@pytest.fixture
def empty(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line in front of a broker without topics."""
    memory = MemoryBroker()
    monkeypatch.setattr("incidentlog.client.connect.KafkaBroker", lambda *_: memory)
    return CommandLine(capsys, memory)


@pytest.fixture
def call(empty: CommandLine) -> CommandLine:
    """The command line in front of a broker with topics."""
    empty.memory.create(Topics().all())
    return empty


@pytest.fixture
def told(call: CommandLine) -> CommandLine:
    """The same with the articles published and folded."""
    assert call("publish", "--articles").status == 0
    call.work()
    return call
