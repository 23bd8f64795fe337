"""Promoting and retiring versions, on a broker in memory: killed at every step, subscribers see one version or the other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson
import pytest

from incidentlog.client import MemoryBroker, Subscriber
from incidentlog.client.ports import TopicPartition
from incidentlog.replay import Versions
from incidentlog.replay.errors import NoSuchVersion, VersionBehind, VersionIsLive
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.topics import PROJECTIONS, Topics
from incidentlog.schemas.versions import LIVE, BadVersionName, Kept, decode_kept, decode_live, encode_kept, encode_live

OLD = Topics(partitions=1)
NEW = replace(OLD, version="v2")


class Killed(Exception):
    """The process is gone at this step."""


class Mortal(Versions):
    """Versions of a process that dies before its n-th record (or right after it was sent)."""

    def __init__(self, broker: MemoryBroker, step: int, *, sent: bool) -> None:
        super().__init__(broker, OLD)
        self._step, self._sent = step, sent

    async def _put(self, key: bytes, value: bytes | None) -> None:
        self._step -= 1
        if self._step >= 0 or self._sent:
            await super()._put(key, value)
        if self._step < 0:
            raise Killed


@pytest.fixture
def broker() -> MemoryBroker:
    """One event, folded by both versions, whose rows say which one they are of."""
    broker = MemoryBroker(OLD)
    broker.create([topic for topic in NEW.all() if topic.name.endswith(".v2")])
    broker.put(OLD.counted[0], "rescued/VNM/KHM", b"{}")
    for topics in (OLD, NEW):
        broker.commit(topics.group, {TopicPartition(OLD.counted[0], 0): 1})
        for projection in PROJECTIONS:
            for key in "abc":
                broker.put(topics.rows(projection), key, orjson.dumps({"version": topics.version, "key": key}))
    return broker


async def seen(broker: MemoryBroker) -> set[str]:
    """The versions of all rows that somebody sees who subscribes to everything now."""
    found = set()
    for projection in PROJECTIONS:
        async with Subscriber(broker, projection) as subscriber:
            found |= {row["version"] for row in (await subscriber.snapshot()).values()}
    return found


@pytest.mark.parametrize("sent", ["before it is sent", "after"])
@pytest.mark.parametrize("step", range(3))
async def test_whoever_is_killed_at_any_step_of_a_promotion_leaves_one_version(
    broker: MemoryBroker, step: int, sent: str
) -> None:
    async with Subscriber(broker, PROJECTIONS[1]) as subscriber:
        await subscriber.snapshot()
        with pytest.raises(Killed):
            await Mortal(broker, step, sent=sent == "after").promote("v2")
        promoted = (step, sent) == (2, "after")
        assert await seen(broker) == {"v2" if promoted else "v1"}
        if promoted:
            changes = [await anext(subscriber) for _ in "abc"]
            assert [change.more for change in changes] == [True, True, False]
        assert {row["version"] for row in subscriber.rows.values()} == {"v2" if promoted else "v1"}
    assert await Versions(broker, OLD).promote("v2") == ("v2" if promoted else "v1")
    assert await seen(broker) == {"v2"}
    listed = {each.name: (each.live, each.kept) for each in await Versions(broker, OLD).all()}
    assert listed == {"v1": (False, Kept()), "v2": (True, Kept())}


async def test_a_version_that_is_behind_is_not_promoted(broker: MemoryBroker) -> None:
    broker.put(OLD.counted[1], "arrested/XXX/KHM", b"{}")
    with pytest.raises(VersionBehind, match="v2 is behind: 1 events are not folded"):
        await Versions(broker, OLD, patience=0.0).promote("v2")
    broker.commit(NEW.group, {TopicPartition(OLD.counted[1], 0): 1})
    broker.put(NEW.contributions, "a", b"{}")
    with pytest.raises(VersionBehind, match="v2 is behind: not everything is rolled up"):
        await Versions(broker, OLD, patience=0.0).promote("v2")
    broker.commit(NEW.group, {TopicPartition(NEW.contributions, 0): 1})
    broker.marker(TopicPartition(NEW.contributions, 0))  # the end of a transaction: nobody commits it
    assert await Versions(broker, OLD).promote("v2") == "v1"


async def test_a_version_that_is_a_bit_behind_all_the_time_is_promoted(broker: MemoryBroker) -> None:
    events, contributions = TopicPartition(OLD.counted[1], 0), TopicPartition(NEW.contributions, 0)
    for _ in range(3):
        broker.put(events.topic, "arrested/XXX/KHM", b"{}")
        broker.put(contributions.topic, "a", b"{}")

    async def keep_coming() -> None:
        for folded in range(1, 100):
            broker.put(events.topic, "arrested/XXX/KHM", b"{}")
            broker.put(contributions.topic, "a", b"{}")
            broker.commit(NEW.group, {events: folded, contributions: folded})
            await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as around:
        coming = around.create_task(keep_coming())
        assert await Versions(broker, OLD).promote("v2") == "v1"
        assert not coming.done()
        coming.cancel()


async def test_only_what_is_not_live_is_retired(broker: MemoryBroker) -> None:
    versions = Versions(broker, OLD)
    with pytest.raises(VersionIsLive):
        await versions.retire("v1")
    await versions.promote("v2")
    gone = await versions.retire("v1")
    assert sorted(gone) == sorted(topic.name for topic in OLD.all() if topic.name.endswith(".v1"))
    assert [each.name for each in await versions.all()] == ["v2"]
    with pytest.raises(NoSuchVersion, match="no version is called v1: there is v2"):
        await versions.promote("v1")


@pytest.mark.parametrize("name", ["", "live", "V2", "v 2", "a.b", "x" * 40])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(
        BadVersionName, match="is no name for a version: use a few small letters and digits, such as v2"
    ):
        encode_live(name)


def test_what_is_written_is_read() -> None:
    assert decode_live(encode_live("v2")) == "v2"
    kept = Kept("2022-09-10", "2022-09-12T00:00:00.000000Z")
    assert decode_kept(encode_kept(kept)) == kept
    for value in (b"{", b"[]", b'{"other": 1}'):
        with pytest.raises(DecodeError):
            decode_kept(value)
    assert LIVE.decode() not in {"v1", "v2"}
