"""The client while its broker stops, dies and comes back: nothing is lost, nothing is doubled, little is logged."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from incidentlog.client import BrokerUnreachable, BufferFull, Change, NotAcknowledged, Publisher, Subscriber
from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.local import Broker
from incidentlog.local.ports import choose_ports
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply
from support.contracts import put, stored
from support.publishing import article, rescue
from support.waiting import until

pytestmark = pytest.mark.integration

TOPICS = Topics(partitions=2)


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker of one's own, on a port that stays the same, with topics."""
    broker = Broker(data=tmp_path / "data", port=(await choose_ports(0)).broker)
    await broker.start()
    await apply(broker.bootstrap, TOPICS)
    yield broker
    await broker.stop()


async def write(address: str, key: str, number: int) -> None:
    """Write a row of estimates."""
    topic = TOPICS.rows("estimates")
    where = TopicPartition(topic, partition_of(key.encode(), 2))
    await put(KafkaBroker(address), where, (key, orjson.dumps({"best": number})))


async def test_a_subscriber_goes_on_where_it_was(local: Broker, caplog: pytest.LogCaptureFixture) -> None:
    await write(local.bootstrap, "a", 1)
    states: list[str] = []
    changes: list[Change] = []

    async def follow(subscriber: Subscriber) -> None:
        async for change in subscriber:
            changes.append(change)  # noqa: PERF401 - as they come

    async with Subscriber(local.bootstrap, "estimates", topics=TOPICS, on_state=states.append) as subscriber:
        assert await subscriber.snapshot() == {"a": {"best": 1}}
        task = asyncio.create_task(follow(subscriber))
        for number in (2, 3):
            await local.stop()
            await until(lambda: subscriber.state == "connecting", 30)
            await local.start()
            await write(local.bootstrap, "a", number)
            await until(lambda: subscriber.state == "live", 30)
            await until(lambda: [each.row for each in changes[-1:]] == [{"best": number}], 30)  # noqa: B023 - awaited here
        task.cancel()
    assert [each.row for each in changes] == [{"best": 2}, {"best": 3}]
    assert states == ["catching_up", "live"] + ["connecting", "catching_up", "live"] * 2
    assert len([each for each in caplog.records if each.name.startswith("aiokafka")]) < 100


async def test_many_events_are_appended_once_each_though_the_broker_dies(local: Broker) -> None:
    source = article()
    events = [rescue(source, nationality=("VNM", "MYS")[number % 2]) for number in range(6000)]
    progress: list[int] = []
    async with Publisher(local.bootstrap, topics=TOPICS, max_events=500) as publisher:
        task = asyncio.create_task(publisher.publish_all(events, progress=lambda totals: progress.append(totals.done)))
        await until(lambda: progress and progress[-1] > 500)
        os.kill(local.pid, signal.SIGKILL)
        await local.stop()
        assert not task.done()
        await local.start()
        totals = await task
    assert totals.appended == 6000
    records = await stored(KafkaBroker(local.bootstrap), TOPICS.events("RescueReported"))
    copies = Counter(orjson.loads(record.value or b"")["id"] for record in records)
    assert copies == dict.fromkeys((event.id for event in events), 1)


async def test_a_publisher_tells_when_the_broker_stays_away(local: Broker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    events, address = [rescue(article()) for _ in range(5)], local.bootstrap
    with pytest.raises(NotAcknowledged):  # noqa: PT012 - from closing
        async with Publisher(address, topics=TOPICS, max_events=3, patience=2) as publisher:
            await publisher.publish(events[0])
            await local.stop()
            tasks = [asyncio.create_task(publisher.publish(event)) for event in events[1:4]]
            await asyncio.sleep(0)
            with pytest.raises(BufferFull, match="3 events"):
                await publisher.publish(events[4])
            for task in tasks:
                with pytest.raises(NotAcknowledged, match=f"no acknowledgement from {address} within 2 s"):
                    await task
    with pytest.raises(BrokerUnreachable, match="start one with `incidentlog up`"):
        async with Publisher(address, topics=TOPICS):
            pass
    assert len([each for each in caplog.records if each.name.startswith("aiokafka")]) < 100
    await local.start()
    async with Publisher(local.bootstrap, topics=TOPICS) as publisher:
        assert (await publisher.publish(events[0])).outcome == "known"
        assert (await publisher.publish_all(events)).done == 5
    records = await stored(KafkaBroker(local.bootstrap), TOPICS.events("RescueReported"))
    ids = [orjson.loads(record.value or b"")["id"] for record in records]
    assert sorted(set(ids)) == sorted(event.id for event in events)


async def test_a_broker_that_hangs_is_left_and_found_again(local: Broker) -> None:
    await write(local.bootstrap, "a", 1)
    async with Subscriber(local.bootstrap, "estimates", topics=TOPICS) as subscriber:
        assert await subscriber.snapshot() == {"a": {"best": 1}}
        task = asyncio.create_task(anext(subscriber))
        os.kill(local.pid, signal.SIGSTOP)
        try:
            await until(lambda: subscriber.state == "connecting", 15)
            with pytest.raises(BrokerUnreachable):
                async with asyncio.timeout(30), Publisher(local.bootstrap, topics=TOPICS):
                    pass
        finally:
            os.kill(local.pid, signal.SIGCONT)
        await write(local.bootstrap, "a", 2)
        assert (await asyncio.wait_for(task, 30)).row == {"best": 2}
