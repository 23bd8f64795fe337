"""How a publisher behaves at its limits and while the broker is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from incidentlog.client import (
    BrokerUnreachable,
    BufferFull,
    EventRefused,
    EventTooLarge,
    MemoryBroker,
    NotAcknowledged,
    NotOpen,
    Publisher,
)
from incidentlog.client.memory_store import MemoryRecord
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import Topics
from support.publishing import article, on, rescue
from support.waiting import until

RESCUES = Topics().events("RescueReported")


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker(Topics())


async def test_a_full_buffer_makes_publishing_wait_and_then_fail(broker: MemoryBroker) -> None:
    events = [rescue(article()) for _ in range(6)]
    async with Publisher(broker, max_events=3, patience=0.05) as publisher:
        broker.available = False
        waiting = [asyncio.create_task(publisher.publish(event)) for event in events[:3]]
        await asyncio.sleep(0)
        message = (
            r"3 events \([\d,]+ bytes\) wait for the broker at memory and it made no room for 0.05 s; see that it runs"
        )
        with pytest.raises(BufferFull, match=message) as caught:
            await publisher.publish(events[3])
        assert (caught.value.reason, caught.value.events) == ("buffer_full", 3)
        for task in waiting:
            with pytest.raises(
                NotAcknowledged, match=r"no acknowledgement from memory within 0.05 s; it may or may not be"
            ):
                await task
        broker.available = True
        assert (await publisher.publish(events[3])).outcome == "appended"
        assert (await publisher.publish(events[0])).outcome == "known"  # it waited, and went out after all
    assert len(broker.records(RESCUES)) == 4


async def test_bytes_are_bounded_too(broker: MemoryBroker) -> None:
    async with Publisher(broker, max_bytes=1, patience=0.05) as publisher:
        broker.available = False
        first = asyncio.create_task(publisher.publish(rescue(article())))
        await asyncio.sleep(0)
        with pytest.raises(BufferFull):
            await publisher.publish(rescue(article()))
        broker.available = True
        with pytest.raises(NotAcknowledged):
            await first


async def test_what_waits_goes_out_when_the_broker_is_back(broker: MemoryBroker) -> None:
    events = [rescue(article()) for _ in range(50)]
    async with Publisher(broker, max_events=10, patience=10) as publisher:
        broker.available = False
        task = asyncio.create_task(publisher.publish_all(events))
        await until(lambda: publisher._outbox is not None and publisher._outbox.full)
        assert broker.records(RESCUES) == []
        broker.available = True
        assert (await task).appended == 50
    assert sorted(found_ids(broker.records(RESCUES))) == sorted(event.id for event in events)


async def test_the_buffer_never_holds_more_than_it_may(broker: MemoryBroker) -> None:
    held: list[int] = []
    async with Publisher(broker, max_events=7) as publisher:
        outbox = publisher._outbox
        assert outbox is not None

        def watched() -> Iterator[Event]:
            for _ in range(100):
                held.append(outbox.events)
                yield rescue(article())

        await publisher.publish_all(watched())
    assert len(held) == 100
    assert max(held) <= 7


async def test_closing_waits_for_what_is_under_way(broker: MemoryBroker) -> None:
    async with Publisher(broker, patience=5) as publisher:
        broker.available = False
        task = asyncio.create_task(publisher.publish(rescue(article())))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, setattr, broker, "available", 1)
    assert (await task).outcome == "appended"


async def test_closing_without_a_broker_says_what_was_not_confirmed(broker: MemoryBroker) -> None:
    event = rescue(article())
    with pytest.raises(NotAcknowledged, match=event.id):  # noqa: PT012 - from closing
        async with Publisher(broker, patience=0.05) as publisher:
            broker.available = False
            task = asyncio.create_task(publisher.publish(event))
            await asyncio.sleep(0)
    with pytest.raises(NotAcknowledged):
        await task


async def test_a_broker_that_is_away_when_opening(broker: MemoryBroker) -> None:
    broker.available = False
    with pytest.raises(
        BrokerUnreachable, match=r"no Kafka broker answers at memory .*: start one with `incidentlog up`"
    ):
        async with Publisher(broker):
            pass


async def test_a_closed_publisher_says_so(broker: MemoryBroker) -> None:
    publisher = Publisher(broker)
    with pytest.raises(NotOpen, match=r"use it inside `async with Publisher\(\.\.\.\)`"):
        await publisher.publish(rescue(article()))


async def test_an_event_is_at_most_64_kib(broker: MemoryBroker) -> None:
    data = rescue(article()).data
    long = data.model_copy(update={"evidence": data.evidence.model_copy(update={"offsets": ((0, 10**9),) * 6000})})  # type: ignore[union-attr]
    source = article()
    event = Event(rescue(source, data.ref).id, source, long)  # type: ignore[union-attr]
    async with Publisher(broker) as publisher:
        with pytest.raises(
            EventTooLarge, match=r"[\d,]+ bytes, the limit is 65,536; an event holds one claim"
        ) as caught:
            await publisher.publish(event)
        assert caught.value.size > caught.value.limit == 65536
    assert broker.records(RESCUES) == []


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an office that is not registered": (
        {"authority": {"id": "ZZ-NOBODY", "standing": "ngo"}},
        r"'ZZ-NOBODY' is not registered",
    ),
    "an office described otherwise": ({"authority": {"id": "VN-MOFA", "standing": "ngo"}}, r"VN-MOFA is registered as"),
    "a relay that is not registered": ({"relayed_by": "ZZ-NOBODY"}, r"'ZZ-NOBODY' is not registered"),
    "another type's measure": (
        {"measure": "sites_raided"},
        r"sites_raided belongs to RaidConducted, not RescueReported",
    ),
    "another unit": ({"counting_unit": "case"}, r"rescued is counted in person, not case"),
    "another kind": (
        {"kind": "planned", "window": {"edtf": "2022-09", "start": "2022-09-01", "end": "2022-09-30"}},
        r"rescued may be .*, not planned",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_registers_are_asked(broker: MemoryBroker, wrong: str) -> None:
    fields, message = WRONG[wrong]
    async with Publisher(broker) as publisher:
        await publisher.publish(rescue(article()))
        with pytest.raises(EventRefused, match=message) as caught:
            await publisher.publish(rescue(article(), **fields))
    assert (caught.value.reason, caught.value.topic) == ("invalid_event", RESCUES)
    assert len(broker.records(RESCUES)) == 1


async def test_registers_of_ones_own_add_offices(broker: MemoryBroker) -> None:
    office = {"id": "KH-NEW-NGO", "standing": "ngo", "label": "A new one"}
    registers = builtin().extended({"authorities": [office]})
    event = rescue(article(), authority={"id": "KH-NEW-NGO", "standing": "ngo"})
    async with Publisher(broker, registers=registers) as publisher:
        assert (await publisher.publish(event)).outcome == "appended"


async def test_an_id_that_is_not_the_statements_own_is_refused(broker: MemoryBroker) -> None:
    event = rescue(article())
    async with Publisher(broker) as publisher:
        with pytest.raises(EventRefused, match=rf"id: of {event.source} and .* is {event.id}"):
            await publisher.publish(Event("0" * 32, event.source, event.data))
        with pytest.raises(EventRefused, match="id: 32 hexadecimal digits are expected"):
            await publisher.publish(Event("X", event.source, event.data))


async def test_a_target_of_a_type_that_cannot_have_its_measure_is_refused(broker: MemoryBroker) -> None:
    wrong = on(rescue(article()), "ClaimRetracted", type="RaidConducted")
    async with Publisher(broker) as publisher:
        with pytest.raises(EventRefused, match=r"target: rescued/VNM/KHM belongs to RescueReported, not RaidConducted"):
            await publisher.publish(wrong)


def found_ids(records: list[MemoryRecord]) -> list[str]:
    """The ids of stored events."""
    return [(record.value or b"").partition(b'"id":"')[2][:32].decode() for record in records]
