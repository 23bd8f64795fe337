"""What a subscriber promises, on any broker."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

import orjson
import pytest

from incidentlog.client import BadRecord, Change, NotOpen, Subscriber, TopicMissing, UnknownProjection
from incidentlog.client.ports import Broker, Position, TopicPartition
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from support.contracts import InMemory, OnKafka, Suite, put

ESTIMATES = "estimates"


@pytest.fixture
def own(broker: Broker, topics: Topics) -> Topics:
    """The topics, with a version nobody else reads."""
    return Topics(prefix=topics.prefix, version=f"v{uuid4().hex[:8]}", partitions=topics.partitions)


@pytest.fixture
async def table(broker: Broker, own: Topics) -> str:
    """An empty table of estimates."""
    async with broker.admin() as admin:
        await admin.create([each for each in own.all() if each.name == own.rows(ESTIMATES)])
    return own.rows(ESTIMATES)


def at(table: str, key: str) -> TopicPartition:
    """Where a key's rows are."""
    return TopicPartition(table, partition_of(key.encode(), 2))


async def write(broker: Broker, table: str, **rows: int | None) -> None:
    """Write rows, None to delete."""
    for key, number in rows.items():
        await put(broker, at(table, key), (key, None if number is None else orjson.dumps({"best": number})))


class Following(Suite):
    async def test_the_snapshot_is_the_newest_row_of_each_key(self, broker: Broker, own: Topics, table: str) -> None:
        await write(broker, table, a=1, b=2, c=3)
        await write(broker, table, a=4, b=None)
        async with Subscriber(broker, ESTIMATES, topics=own) as subscriber:
            assert await subscriber.snapshot() == {"a": {"best": 4}, "c": {"best": 3}}
            assert subscriber.state == "live"
            await write(broker, table, b=5, c=None)
            changes = [await anext(subscriber) for _ in range(2)]
            assert {each.key: each.row for each in changes} == {"b": {"best": 5}, "c": None}
            assert await subscriber.snapshot() == {"a": {"best": 4}, "b": {"best": 5}}

    @pytest.mark.usefixtures("table")
    async def test_an_empty_table_is_caught_up_at_once(self, broker: Broker, own: Topics) -> None:
        async with Subscriber(broker, ESTIMATES, topics=own) as subscriber:
            assert await subscriber.snapshot() == {}

    async def test_without_a_snapshot_the_rows_come_first(self, broker: Broker, own: Topics, table: str) -> None:
        await write(broker, table, a=1, b=2)
        async with Subscriber(broker, ESTIMATES, topics=own) as subscriber:
            first = [await anext(subscriber), await anext(subscriber)]
            await write(broker, table, a=3)
            assert (await anext(subscriber)).row == {"best": 3}
        assert {each.key for each in first} == {"a", "b"}
        assert Change("a", {"best": 1}, Position(*at(table, "a"), 0)) in first

    async def test_an_end_that_nobody_can_read_is_caught_up(self, broker: Broker, own: Topics, table: str) -> None:
        await write(broker, table, a=1)
        for number in range(2):
            await self.abort(broker, TopicPartition(table, number))
        async with asyncio.timeout(10), Subscriber(broker, ESTIMATES, topics=own) as subscriber:
            assert [each.key async for each in subscriber.to_end()] == ["a"]
            assert subscriber.state == "live"
            assert [each async for each in subscriber.to_end()] == []

    async def test_it_says_where_it_stands(self, broker: Broker, own: Topics, table: str) -> None:
        await write(broker, table, a=1)
        states: list[str] = []
        subscriber = Subscriber(broker, ESTIMATES, topics=own, on_state=states.append)
        seen: list[str] = [subscriber.state]
        async with subscriber:
            async for _change in subscriber.to_end():
                seen.append(subscriber.state)  # noqa: PERF401 - at each change
            seen.append(subscriber.state)
        assert seen == ["connecting", "catching_up", "live"]
        assert states == ["catching_up", "live"]

    @pytest.mark.parametrize("seed", range(3))
    async def test_no_gap_while_somebody_writes(self, broker: Broker, own: Topics, table: str, seed: int) -> None:
        chance = random.Random(seed)
        truth: dict[str, dict[str, int]] = {}

        async def writer() -> None:
            for number in range(60):
                key = chance.choice("abcde")
                truth[key] = {"best": number}
                await write(broker, table, **{key: number})
            await write(broker, table, end=1)

        task = asyncio.create_task(writer())
        await asyncio.sleep(chance.random() / 20)
        async with Subscriber(broker, ESTIMATES, topics=own) as subscriber:
            rows = await subscriber.snapshot()
            while "end" not in rows or rows.keys() - {"end"} != truth.keys() or any(rows[k] != truth[k] for k in truth):
                change = await asyncio.wait_for(anext(subscriber), 10)
                assert change.row is not None
                rows[change.key] = change.row
        await task

    async def test_waiting_for_a_change_may_be_given_up_at_any_time(
        self, broker: Broker, own: Topics, table: str
    ) -> None:
        async def writer() -> None:
            for number in range(40):
                await write(broker, table, **{f"k{number}": number})

        seen: list[str] = []
        async with Subscriber(broker, ESTIMATES, topics=own) as subscriber:
            task = asyncio.create_task(writer())
            while len(seen) < 40:
                try:
                    seen.append((await asyncio.wait_for(anext(subscriber), 0.003)).key)
                except TimeoutError:
                    assert not task.done() or task.exception() is None
            await task
        assert sorted(seen) == sorted(f"k{number}" for number in range(40))

    async def test_a_record_that_is_no_row(self, broker: Broker, own: Topics, table: str) -> None:
        await put(broker, at(table, "a"), ("a", b"{"))
        async with Subscriber(broker, ESTIMATES, topics=own) as subscriber:
            with pytest.raises(BadRecord, match=rf"{table} partition \d offset 0: invalid_json: "):
                await subscriber.snapshot()

    async def test_errors_that_say_what_to_do(self, broker: Broker, own: Topics) -> None:
        with pytest.raises(TopicMissing, match="run `incidentlog topics apply`"):
            async with Subscriber(broker, ESTIMATES, topics=own):
                pass
        with pytest.raises(UnknownProjection, match="did you mean rescued-by-nationality"):
            async with Subscriber(broker, "rescued-by-nationalty", topics=own):
                pass
        with pytest.raises(NotOpen, match="async with Subscriber"):
            await Subscriber(broker, ESTIMATES, topics=own).snapshot()


class TestFollowingInMemory(InMemory, Following):
    pass


@pytest.mark.integration
class TestFollowingOnKafka(OnKafka, Following):
    pass
