from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from incidentlog.cli.sources import statement_of
from incidentlog.client import MemoryBroker
from incidentlog.client.ports import Record, TopicPartition
from incidentlog.gateway.barrier import Barrier
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.sheets import compile_sheet
from support.gateway import TOPICS, filled, fold
from support.writing import SHEET

EMBARGOED = SHEET.replace("until: 2022-09-21,", "until: 2022-09-21, embargo_until: 2999-01-01,")


class Late(MemoryBroker):
    """A broker whose statements are read late, as it happens between two connections."""

    late = 0.0

    @asynccontextmanager
    async def reader(self, **options: Any) -> AsyncIterator[Any]:
        async with super().reader(**options) as reader:
            yield LateReader(reader, self)


class LateReader:
    def __init__(self, reader: Any, broker: Late) -> None:
        self._reader, self._broker = reader, broker
        self._statements = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        self._statements = any(each.topic == TOPICS.statements for each in positions)
        self._reader.assign(positions)

    async def fetch(self, seconds: float) -> Mapping[TopicPartition, Sequence[Record]]:
        found: Mapping[TopicPartition, Sequence[Record]] = await self._reader.fetch(seconds)
        if self._statements and any(found.values()):
            await asyncio.sleep(self._broker.late)
        return found


async def publish(broker: MemoryBroker) -> None:
    """What workers would append of an article with a claim under embargo."""
    await fold(broker, TOPICS, [statement_of(event) for event in compile_sheet(EMBARGOED).events])


@pytest.fixture
async def broker() -> Late:
    empty, broker = await filled(()), Late()
    broker.create([topic for name in empty.names() if (topic := empty.topic(name)) is not None])
    return broker


@pytest.mark.parametrize("late", [0.0, 0.3])
async def test_nothing_under_embargo_is_shown_though_its_statement_is_read_after_its_row(
    late: float, broker: Late
) -> None:
    async with Gateway(GatewaySettings(prefix=TOPICS.prefix, coalesce=0), broker) as gateway:
        await gateway.ready()
        shown = {name: gateway.showing(name, "public") for name in ("estimates", "rescued-by-nationality")}
        full = gateway.showing("rescued-by-nationality", "full")
        told: list[str] = []
        for showing in shown.values():
            showing.mirror.listeners.append(lambda _, each=showing: told.extend(each.keys))  # type: ignore[misc]
        broker.late = late
        await publish(broker)
        async with asyncio.timeout(20):
            while not full.keys:
                await full.changed(full.sequence)
        assert "VNM" in full.keys
        assert told == []


async def test_without_the_barrier_it_would_be(broker: Late) -> None:
    """The test above can fail."""
    async with Gateway(GatewaySettings(prefix=TOPICS.prefix, coalesce=0), broker) as gateway:
        for mirror in gateway.mirrors.values():
            mirror.before = None
        await gateway.ready()
        showing = gateway.showing("estimates", "public")
        broker.late = 0.3
        await publish(broker)
        async with asyncio.timeout(20):
            await showing.changed(0)
        assert showing.keys


class Asked:
    """Claims that are read up to `vector`, and a broker that counts how often it is asked."""

    caught_up, topic, state = True, "statements", "live"

    def __init__(self) -> None:
        self.vector, self.end, self.asked = (0,), 5, 0
        self._moved = asyncio.Event()

    @asynccontextmanager
    async def reader(self, *, committed: bool = True) -> AsyncIterator[Asked]:
        assert not committed
        yield self

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        return dict.fromkeys(topics, 1)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.end < 0:
            raise ConnectionError
        return dict.fromkeys(partitions, self.end)

    async def moved(self) -> None:
        await self._moved.wait()

    def move(self, offset: int) -> None:
        self.vector = (offset,)
        self._moved.set()
        self._moved = asyncio.Event()


def barrier(asked: Asked, longest: float = 20) -> Barrier:
    return Barrier(asked, asked, longest)  # type: ignore[arg-type]


async def test_whoever_comes_while_the_log_is_asked_waits_for_the_next_answer() -> None:
    asked = Asked()
    tested = barrier(asked)
    first = asyncio.create_task(tested.passed())
    await asyncio.sleep(0.01)
    later = [asyncio.create_task(tested.passed()) for _ in range(20)]
    await asyncio.sleep(0.01)
    asked.end = 9
    asked.move(5)
    await first
    await asyncio.sleep(0.01)
    assert not any(each.done() for each in later)
    asked.move(9)
    await asyncio.gather(*later)
    assert asked.asked == 2
    await tested.passed()
    assert asked.asked == 3
    await tested.close()


async def test_what_cannot_be_read_yet_is_waited_for_only_so_long() -> None:
    tested = barrier(Asked(), 0.05)
    async with asyncio.timeout(5):
        await tested.passed()
    await tested.close()


async def test_what_is_read_slowly_is_waited_for() -> None:
    asked = Asked()
    tested = barrier(asked, 0.2)
    waiting = asyncio.create_task(tested.passed())
    for offset in (1, 2, 3, 4):
        await asyncio.sleep(0.1)
        assert not waiting.done()
        asked.move(offset)
    asked.move(5)
    await waiting
    await tested.close()


async def test_while_the_statements_are_not_read_nothing_passes() -> None:
    asked = Asked()
    asked.state = "connecting"
    tested = barrier(asked, 0.01)
    waiting = asyncio.create_task(tested.passed())
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    asked.state = "live"
    async with asyncio.timeout(5):
        await waiting
    await tested.close()


async def test_a_log_that_is_away_is_an_error_and_then_none() -> None:
    asked = Asked()
    asked.end = -1
    tested = barrier(asked)
    with pytest.raises(ConnectionError):
        await tested.passed()
    asked.end = 0
    await tested.passed()
    asked.caught_up = False
    asked.end = -1
    await tested.passed()
    await tested.close()
