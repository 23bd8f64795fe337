"""The client while its broker stops, dies and comes back: nothing is lost, nothing is doubled, little is logged."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest

from incidentlog.client import BrokerUnreachable, BufferFull, Change, NotAcknowledged, Publisher, Subscriber
from incidentlog.client.kafka import KafkaBroker, broker
from incidentlog.client.ports import TopicPartition
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply
from support.contracts import put, stored
from support.mortal import Mortal
from support.publishing import article, rescue
from support.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
async def topics(mortal: Mortal) -> Topics:
    """Some of the test's own."""
    topics = Topics(f"test-{uuid.uuid4().hex[:8]}", partitions=2)
    await apply(mortal.bootstrap, topics)
    return topics


async def write(address: str, topics: Topics, number: int) -> None:
    """Write a row of estimates."""
    where = TopicPartition(topics.rows("estimates"), partition_of(b"a", 2))
    await put(KafkaBroker(address), where, ("a", orjson.dumps({"best": number})))


@asynccontextmanager
async def followed_through(mortal: Mortal, topics: Topics) -> AsyncIterator[None]:
    """In the block the broker goes away and comes back; a subscriber goes on where it was."""
    await write(mortal.bootstrap, topics, 1)
    states: list[str] = []
    changes: list[Change] = []

    async def follow(subscriber: Subscriber) -> None:
        async for change in subscriber:
            changes.append(change)  # noqa: PERF401 - as they come

    async with Subscriber(mortal.bootstrap, "estimates", topics=topics, on_state=states.append) as subscriber:
        assert await subscriber.snapshot() == {"a": {"best": 1}}
        task = asyncio.create_task(follow(subscriber))
        yield
        await write(mortal.bootstrap, topics, 2)
        await until(lambda: subscriber.state == "live", 30)
        await until(lambda: changes, 30)
        task.cancel()
    assert [each.row for each in changes] == [{"best": 2}]
    assert states == ["catching_up", "live", "connecting", "catching_up", "live"]


async def test_a_broker_stays_away_a_publisher_tells_and_a_subscriber_goes_on_where_it_was(
    mortal: Mortal, topics: Topics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    events, address = [rescue(article()) for _ in range(5)], mortal.bootstrap
    async with followed_through(mortal, topics):
        await _told(mortal, topics, events)
        with pytest.raises(BrokerUnreachable, match="start one with `incidentlog up`"):
            async with Publisher(address, topics=topics):
                pass
        await mortal.start()
    assert len([each for each in caplog.records if each.name.startswith("aiokafka")]) < 100
    async with Publisher(address, topics=topics) as publisher:
        assert (await publisher.publish(events[0])).outcome == "known"
        assert (await publisher.publish_all(events)).done == 5
    records = await stored(KafkaBroker(address), topics.events("RescueReported"))
    ids = [orjson.loads(record.value or b"")["id"] for record in records]
    assert sorted(set(ids)) == sorted(event.id for event in events)


async def _told(mortal: Mortal, topics: Topics, events: list[Event]) -> None:
    """The broker is stopped under a publisher."""
    with pytest.raises(NotAcknowledged):  # noqa: PT012 - from closing
        async with Publisher(mortal.bootstrap, topics=topics, max_events=3, patience=2) as publisher:
            await publisher.publish(events[0])
            await mortal.stop()
            tasks = [asyncio.create_task(publisher.publish(event)) for event in events[1:4]]
            await asyncio.sleep(0)
            with pytest.raises(BufferFull, match="3 events"):
                await publisher.publish(events[4])
            for task in tasks:
                with pytest.raises(NotAcknowledged, match=f"no acknowledgement from {mortal.bootstrap} within 2 s"):
                    await task


async def test_many_events_are_appended_once_each_though_the_broker_dies(
    mortal: Mortal, topics: Topics, *, whole: bool
) -> None:
    source, count = article(), 6000 if whole else 3000
    events = [rescue(source, nationality=("VNM", "MYS")[number % 2]) for number in range(count)]
    progress: list[int] = []
    async with (
        followed_through(mortal, topics),
        Publisher(mortal.bootstrap, topics=topics, max_events=500) as publisher,
    ):
        task = asyncio.create_task(publisher.publish_all(events, progress=lambda totals: progress.append(totals.done)))
        await until(lambda: progress and progress[-1] > 500)
        await mortal.kill()
        assert not task.done()
        await mortal.start()
        totals = await task
    assert totals.appended == count
    records = await stored(KafkaBroker(mortal.bootstrap), topics.events("RescueReported"))
    copies = Counter(orjson.loads(record.value or b"")["id"] for record in records)
    assert copies == dict.fromkeys((event.id for event in events), 1)


async def test_a_broker_that_hangs_is_left_and_found_again(
    mortal: Mortal, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "REQUEST_MS", 3_000)  # a test need not wait as long as users
    await write(mortal.bootstrap, topics, 1)

    async def refused() -> None:
        with pytest.raises(BrokerUnreachable):
            async with asyncio.timeout(30), Publisher(mortal.bootstrap, topics=topics):
                pass

    async with Subscriber(mortal.bootstrap, "estimates", topics=topics) as subscriber:
        assert await subscriber.snapshot() == {"a": {"best": 1}}
        task = asyncio.create_task(anext(subscriber))
        async with mortal.paused():
            await asyncio.gather(until(lambda: subscriber.state == "connecting", 15), refused())
        await write(mortal.bootstrap, topics, 2)
        assert (await asyncio.wait_for(task, 30)).row == {"best": 2}
