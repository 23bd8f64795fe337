"""What a subscriber sees of a promotion, on any broker: all of one version, then all of the other."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from incidentlog.client import BadRecord, History, Subscriber
from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import LIVE, encode_live
from support.contracts import InMemory, OnKafka, Suite, put

PROJECTION = "estimates"
KEYS = "abcdefgh"


@pytest.fixture
async def own(broker: Broker) -> Topics:
    """An installation of this test's own, with two versions of the estimates and nothing promoted."""
    topics = Topics(prefix=f"v-{uuid4().hex[:12]}", partitions=2)
    async with broker.admin() as admin:
        tables = [each for each in topics.all() if each.name in {topics.versions, topics.rows(PROJECTION)}]
        await admin.create([*tables, *(replace(each, name=each.name[:-1] + "2") for each in tables[:1])])
    return topics


async def promote(broker: Broker, topics: Topics, version: str) -> None:
    """Make a version live."""
    await put(broker, TopicPartition(topics.versions, 0), (LIVE.decode(), encode_live(version)))


async def write(broker: Broker, topics: Topics, version: str, **rows: int | None) -> None:
    """Write rows of a version, None to delete."""
    table = replace(topics, version=version).rows(PROJECTION)
    for key, number in rows.items():
        value = None if number is None else orjson.dumps({"best": number, "version": version})
        await put(broker, TopicPartition(table, partition_of(key.encode(), 2)), (key, value))


class Promotions(Suite):
    async def test_the_live_version_is_followed_from_the_start(self, broker: Broker, own: Topics) -> None:
        await write(broker, own, "v1", a=1)
        await write(broker, own, "v2", a=2)
        await promote(broker, own, "v2")
        async with Subscriber(broker, PROJECTION, topics=own) as subscriber:
            assert (await subscriber.snapshot())["a"]["best"] == 2
            assert subscriber.version == "v2"
        async with Subscriber(broker, PROJECTION, topics=own, version="v1") as subscriber:
            assert (await subscriber.snapshot())["a"]["best"] == 1

    async def test_a_promotion_is_one_moment_of_what_differs(self, broker: Broker, own: Topics) -> None:
        same = {"best": 1, "version": "either"}
        for version in ("v1", "v2"):
            table = replace(own, version=version).rows(PROJECTION)
            await put(broker, TopicPartition(table, partition_of(b"s", 2)), ("s", orjson.dumps(same)))
        await write(broker, own, "v1", a=1, b=1)
        await write(broker, own, "v2", a=2, c=2, d=5)
        await write(broker, own, "v2", d=None)
        async with Subscriber(broker, PROJECTION, topics=own) as subscriber:
            before = await subscriber.snapshot()
            await promote(broker, own, "v2")
            changes = [await anext(subscriber)]
            while changes[-1].more:
                assert subscriber.rows == before
                changes.append(await anext(subscriber))
            assert {each.key: each.row and each.row["best"] for each in changes} == {"a": 2, "b": None, "c": 2}
            assert subscriber.rows.keys() == {"s", "a", "c"}
            await write(broker, own, "v2", b=3)
            assert (await anext(subscriber)).key == "b"

    async def test_promoting_back_and_forth_ends_at_the_last(self, broker: Broker, own: Topics) -> None:
        await write(broker, own, "v1", a=1)
        await write(broker, own, "v2", a=2)
        async with Subscriber(broker, PROJECTION, topics=own) as subscriber:
            await subscriber.snapshot()
            for version in ("v2", "v1", "v2", "v1"):
                await promote(broker, own, version)
            await write(broker, own, "v1", b=7)
            while "b" not in subscriber.rows:
                await asyncio.wait_for(anext(subscriber), 10)
            assert {key: row["best"] for key, row in subscriber.rows.items()} == {"a": 1, "b": 7}
            assert subscriber.version == "v1"

    @pytest.mark.parametrize("seed", range(4))
    async def test_moments_never_mix_versions(self, broker: Broker, own: Topics, seed: int) -> None:
        """Both versions grow and are promoted in turns, while waiting is given up again and again."""
        chance = random.Random(seed)
        live = "v1"
        for version in ("v1", "v2"):
            await write(broker, own, version, **dict.fromkeys(KEYS, 0))

        async def writer() -> None:
            nonlocal live
            for number in range(1, 40):
                await write(broker, own, chance.choice(("v1", "v2")), **{chance.choice(KEYS): number})
                if chance.random() < 0.2:
                    live = chance.choice(("v1", "v2"))
                    await promote(broker, own, live)
            await write(broker, own, live, end=1)

        held: dict[str, Any] = {}
        async with Subscriber(broker, PROJECTION, topics=own) as subscriber:
            held |= await subscriber.snapshot()
            task = asyncio.create_task(writer())
            async with asyncio.timeout(30):
                while "end" not in held:
                    try:
                        change = await asyncio.wait_for(anext(subscriber), chance.choice((0.002, 0.02, 1)))
                    except TimeoutError:
                        assert not task.done() or task.exception() is None
                        continue
                    held.pop(change.key, None)
                    if change.row is not None:
                        held[change.key] = change.row
                    if not change.more:
                        assert held == subscriber.rows
                        assert {row["version"] for row in held.values()} == {subscriber.version}
            await task
            assert subscriber.version == live

    async def test_history_reads_the_statements_of_the_live_version(self, broker: Broker, own: Topics) -> None:
        cell, stated = "rescued/VNM/KHM", f"{own.prefix}.statements."
        async with broker.admin() as admin:
            tables = [each for each in own.all() if each.name == own.statements]
            await admin.create([*tables, *(replace(each, name=stated + "v2") for each in tables)])
        await promote(broker, own, "v2")
        await put(broker, TopicPartition(stated + "v2", partition_of(cell.encode(), 2)), (f"{cell}#1", b"{}"))
        async with History(broker, topics=own, version="v1") as history:
            assert await history.statements(cell) == []
        async with History(broker, topics=own) as history:
            with pytest.raises(KeyError):  # {} is no statement: that one was read
                await history.statements(cell)

    async def test_a_promotion_that_names_no_version(self, broker: Broker, own: Topics) -> None:
        await put(broker, TopicPartition(own.versions, 0), (LIVE.decode(), b'{"version": "V 2"}'))
        with pytest.raises(BadRecord, match=r"invalid_version: .* names no version"):
            async with Subscriber(broker, PROJECTION, topics=own):
                pass


class TestPromotionsInMemory(InMemory, Promotions):
    """The broker that ships with the client."""


@pytest.mark.integration
class TestPromotionsOnKafka(OnKafka, Promotions):
    """A real one."""
