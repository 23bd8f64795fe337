"""What the client may rely on, of any broker."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest

from incidentlog.client import PositionLost, TopicMissing
from incidentlog.client.ports import Broker, Record, TopicPartition
from incidentlog.client.reading import read_to_end
from incidentlog.schemas.topics import TABLE, Topic, Topics
from support.contracts import InMemory, OnKafka, Suite, put, stored


@pytest.fixture
async def partition(broker: Broker) -> TopicPartition:
    """The only partition of a new table."""
    topic = Topic(f"ports-{uuid4().hex}", "table", 1, TABLE)
    async with broker.admin() as admin:
        await admin.create([topic])
    return TopicPartition(topic.name, 0)


class BrokerPorts(Suite):
    async def test_records_come_back_as_they_were_appended(self, broker: Broker, partition: TopicPartition) -> None:
        async with broker.producer() as producer:
            batch = producer.batch()
            assert batch.append(b"a", b"1", [("h", b"x")])
            assert batch.append(b"b", None, ())
            assert await (await producer.send(partition, batch)) == 0
        assert await put(broker, partition, ("c", b"3")) == 2
        found = await stored(broker, partition.topic)
        assert [(each.offset, each.key, each.value, list(each.headers)) for each in found] == [
            (0, b"a", b"1", [("h", b"x")]),
            (1, b"b", None, []),
            (2, b"c", b"3", []),
        ]
        assert found[0].timestamp > 1_600_000_000_000

    async def test_batches_sent_one_after_the_other_stay_in_order(
        self, broker: Broker, partition: TopicPartition
    ) -> None:
        async with broker.producer() as producer:
            acknowledged = []
            for number in range(50):
                batch = producer.batch()
                assert batch.append(b"k", str(number).encode(), ())
                acknowledged.append(await producer.send(partition, batch))
            assert [await each for each in acknowledged] == list(range(50))
        assert [int(each.value or b"") for each in await stored(broker, partition.topic)] == list(range(50))

    async def test_a_batch_says_when_it_is_full(self, broker: Broker) -> None:
        async with broker.producer() as producer:
            batch = producer.batch()
            taken = 0
            while batch.append(b"k", b"x" * 100_000, ()):
                taken += 1
            assert 1 <= taken < 20
            assert producer.batch().append(b"k", b"x" * 900_000, ())

    async def test_reading_stops_at_the_end_known_beforehand(self, broker: Broker, partition: TopicPartition) -> None:
        await put(broker, partition, ("a", b"1"), ("b", b"2"))
        async with broker.reader() as reader:
            ends = await reader.end_offsets([partition])
            await put(broker, partition, ("c", b"3"))
            found = [each async for chunk in read_to_end(reader, {partition: 1}, ends) for each in chunk]
        assert [each.key for each in found] == [b"b"]

    async def test_an_end_that_nobody_can_read_is_reached_all_the_same(
        self, broker: Broker, partition: TopicPartition
    ) -> None:
        await put(broker, partition, ("a", b"1"))
        await self.abort(broker, partition)
        async with broker.reader() as reader:
            ends = await reader.end_offsets([partition])
            found = [each async for chunk in read_to_end(reader, {partition: 0}, ends) for each in chunk]
            assert await reader.position(partition) == ends[partition] == 3
        assert [each.key for each in found] == [b"a"]

    async def test_paused_partitions_wait(self, broker: Broker, partition: TopicPartition) -> None:
        await put(broker, partition, ("a", b"1"))
        async with broker.reader() as reader:
            reader.assign({partition: 0})
            reader.pause([partition])
            assert await reader.fetch(0.3) == {}
            reader.resume([partition])
            found: dict[TopicPartition, Sequence[Record]] = {}
            while not found:
                found = dict(await reader.fetch(1))
        assert [each.key for each in found[partition]] == [b"a"]

    async def test_a_position_beyond_the_end_is_lost(self, broker: Broker, partition: TopicPartition) -> None:
        await put(broker, partition, ("a", b"1"))
        async with broker.reader() as reader:
            reader.assign({partition: 7})
            with pytest.raises(PositionLost, match=rf"{partition.topic} partition 0 has no offset 7 any more"):
                await reader.fetch(10)

    async def test_missing_topics_are_named(self, broker: Broker) -> None:
        async with broker.reader() as reader:
            with pytest.raises(TopicMissing) as caught:
                await reader.partition_counts(["missing-b", "missing-a"])
        assert caught.value.names == ("missing-a", "missing-b")
        async with broker.producer() as producer:
            with pytest.raises(TopicMissing, match="run `incidentlog topics apply`"):
                await producer.partition_counts(["missing-a"])

    async def test_topics_are_created_once(self, broker: Broker) -> None:
        wanted = [Topic(f"admin-{uuid4().hex}", "table", number, TABLE) for number in (1, 3)]
        async with broker.admin() as admin:
            assert await admin.create(wanted[:1]) == [wanted[0].name]
            assert await admin.create(wanted) == [wanted[1].name]
            states = await admin.describe([*(each.name for each in wanted), "missing"])
        assert {name: state.partitions for name, state in states.items()} == {wanted[0].name: 1, wanted[1].name: 3}
        assert states[wanted[1].name].settings["cleanup.policy"] == "compact"

    async def test_a_groups_commits_are_seen(self, broker: Broker, topics: Topics, partition: TopicPartition) -> None:
        async with broker.admin() as admin:
            assert await admin.committed(f"nobody-{topics.group}") == {}
            await put(broker, partition, ("a", b"1"), ("b", b"2"))
            await self.commit(broker, topics.group, {partition: 2})
            assert await admin.committed(topics.group) == {partition: 2}

    async def test_a_group_without_members_is_told_how_far_it_is(
        self, broker: Broker, topics: Topics, partition: TopicPartition
    ) -> None:
        group = f"progress-{topics.group}"
        another = Topic(f"ports-{uuid4().hex}", "table", 1, TABLE)
        other = TopicPartition(another.name, 0)
        async with broker.admin() as admin:
            await admin.create([another])
            await admin.commit(group, {partition: 3, other: 1})
            await admin.commit(group, {partition: 7})
            await admin.commit(group, {})
            assert await admin.committed(group) == {partition: 7, other: 1}


class TestBrokerPortsInMemory(InMemory, BrokerPorts):
    pass


@pytest.mark.integration
class TestBrokerPortsOnKafka(OnKafka, BrokerPorts):
    pass
