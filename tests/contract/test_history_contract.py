"""What reading history promises, on any broker."""

from __future__ import annotations

from uuid import uuid4

import orjson
import pytest

from incidentlog.client import BadRecord, History, NotOpen, Publisher
from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.schemas import records
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.codec import encode
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics
from support.contracts import InMemory, OnKafka, Suite, put
from support.publishing import article, briefing, on, rescue


@pytest.fixture
async def own(broker: Broker) -> Topics:
    """A log nobody else writes."""
    topics = Topics(prefix=f"h-{uuid4().hex[:12]}", partitions=2)
    async with broker.admin() as admin:
        await admin.create(topics.all())
    return topics


def statement_of(event: Event) -> tuple[Cell, Statement]:
    """What the fold makes of an event."""
    _home, cell, statement = records.read(orjson.loads(encode(event)))
    return cell, statement


class Reading(Suite):
    async def test_events_come_in_the_order_they_were_appended(self, broker: Broker, own: Topics) -> None:
        nationalities = ("VNM", "MYS", "CHN", "IND")
        events = [rescue(article(), nationality=nationalities[number % 4]) for number in range(12)]
        events.append(briefing(article()))
        events.append(on(events[0], "ClaimRetracted"))
        async with Publisher(broker, topics=own) as publisher:
            receipts = [await publisher.publish(event) for event in events]
        async with History(broker, topics=own) as history:
            found = [each async for each in history.events()]
            again = [each.position async for each in history.events()]
        assert sorted(each.event.id for each in found) == sorted(event.id for event in events)
        assert {each.event.id: tuple(each.position) for each in found} == {
            each.event_id: (each.topic, each.partition, each.offset) for each in receipts
        }
        assert again == [each.position for each in found]
        assert {each.key for each in found} == {str(event.cell) for event in events}
        times = {event.id: number for number, event in enumerate(events)}
        for cell in {each.key for each in found}:
            inside = [times[each.event.id] for each in found if each.key == cell]
            assert inside == sorted(inside)

    async def test_order_is_by_time_then_place(self, broker: Broker, own: Topics) -> None:
        events = [rescue(article(), nationality=("VNM", "MYS", "CHN")[n % 3]) for n in range(200)]
        async with Publisher(broker, topics=own) as publisher:
            await publisher.publish_all(events)
        async with History(broker, topics=own) as history:
            found = [(each.timestamp, each.topic, each.partition, each.offset) async for each in history.records()]
        assert len(found) == 200
        assert found == sorted(found)

    async def test_it_starts_where_told_and_ends_where_the_log_ended(self, broker: Broker, own: Topics) -> None:
        events = [rescue(article()) for _ in range(5)]
        async with Publisher(broker, topics=own) as publisher:
            receipts = [await publisher.publish(event) for event in events]
            start = {TopicPartition(receipts[0].topic, receipts[0].partition): 3}
            async with History(broker, topics=own) as history:
                found = []
                async for each in history.events([receipts[0].topic], start=start):
                    await publisher.publish(rescue(article()))
                    found.append(each.event.id)
                starts, ends = await history.bounds(start=start)
        assert found == [event.id for event in events[3:]]
        assert sum(ends.values()) - sum(starts.values()) == 4

    async def test_what_is_no_event_stops_it_or_is_told(self, broker: Broker, own: Topics) -> None:
        good = rescue(article())
        topic = own.events("RescueReported")
        where = TopicPartition(topic, partition_of(b"rescued/VNM/KHM", 2))
        await put(
            broker, where, ("rescued/VNM/KHM", b"{"), ("rescued/VNM/KHM", b"{}"), ("rescued/VNM/KHM", encode(good))
        )
        async with History(broker, topics=own) as history:
            with pytest.raises(BadRecord, match=rf"{topic} partition \d offset 0: invalid_json: ") as caught:
                [each async for each in history.events()]
            assert (caught.value.offset, caught.value.reason) == (0, "invalid_json")
            told: list[BadRecord] = []
            found = [each.event.id async for each in history.events(bad=told.append)]
            raw = [each.value async for each in history.records()]
        assert found == [good.id]
        assert [(each.offset, each.reason) for each in told] == [(0, "invalid_json"), (1, "not_an_event")]
        assert raw == [b"{", b"{}", encode(good)]

    async def test_the_statements_of_a_cell(self, broker: Broker, own: Topics) -> None:
        events = [rescue(article()), rescue(article()), rescue(article(), nationality="MYS")]
        expected: dict[str, list[Statement]] = {"rescued/VNM/KHM": [], "rescued/MYS/KHM": [], "rescued/IND/KHM": []}
        for event in events:
            cell, statement = statement_of(event)
            where = TopicPartition(own.statements, partition_of(str(cell).encode(), 2))
            stale = records.dump(statement._replace(recorded="2030-01-01T00:00:00.000000Z"))
            await put(broker, where, (records.key(cell, statement), stale))
            await put(broker, where, (records.key(cell, statement), records.dump(statement)))
            expected[str(cell)].append(statement)
        async with History(broker, topics=own) as history:
            assert await history.statements_of(expected) == expected
            assert await history.statements(Cell.parse("rescued/MYS/KHM")) == expected["rescued/MYS/KHM"]
            assert await history.statements("rescued/IND/KHM") == []

    async def test_it_must_be_open(self, broker: Broker, own: Topics) -> None:
        with pytest.raises(NotOpen, match="async with History"):
            await History(broker, topics=own).statements("rescued/VNM/KHM")


class TestReadingInMemory(InMemory, Reading):
    pass


@pytest.mark.integration
class TestReadingOnKafka(OnKafka, Reading):
    pass
