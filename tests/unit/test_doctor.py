"""Faults planted in a healthy set-up: each is named, with where it is and the command that mends it, and no other is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from incidentlog.client import MemoryBroker, Publisher
from incidentlog.client.memory_store import MemoryLog
from incidentlog.client.ports import Node, TopicPartition
from incidentlog.doctor import Facts, Finding, examine, gather
from incidentlog.doctor.checks import PINNED
from incidentlog.quarantine import letters, redrive
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import encode_live
from support.articles import events
from support.commands import CommandLine
from support.quarantine import append, condemn, registered, spoiled

TOPICS = Topics()
RESCUES = TOPICS.events("RescueReported")
PLACES = [TopicPartition(name, p) for name in (*TOPICS.counted, *TOPICS.official) for p in range(4)]


def work(memory: MemoryBroker, topics: Topics = TOPICS) -> None:
    """Own all partitions and commit all there is, as workers do."""
    memory.own(topics.group, dict.fromkeys(PLACES, "worker-1"))
    memory.commit(topics.group, {place: memory.log(place).end for place in PLACES})


async def healthy() -> MemoryBroker:
    memory = MemoryBroker(TOPICS)
    async with Publisher(memory) as publisher:
        await publisher.publish_all(events())
    work(memory)
    return memory


def stamped(memory: MemoryBroker, seconds: float) -> None:
    """Move the broker's clock: its newest records are of so many seconds from now."""
    log: MemoryLog = memory.log(next(place for place in PLACES if memory.log(place).records))
    log.records[-1] = replace(log.records[-1], timestamp=int((time.time() + seconds) * 1000))


def recreated(memory: MemoryBroker, name: str, **changes: Any) -> None:
    topic = memory.topic(name)
    assert topic is not None
    memory.delete([name])
    settings = topic.settings | changes.pop("settings", {})
    memory.create([replace(topic, settings=settings, **changes)])


def no_worker(memory: MemoryBroker) -> None:
    memory._owners.clear()


def one_partition_left_out(memory: MemoryBroker) -> None:
    del memory._owners[TOPICS.group][TopicPartition(RESCUES, 2)]


def late(memory: MemoryBroker) -> None:
    place = next(place for place in PLACES if memory.log(place).records)
    memory.commit(TOPICS.group, {place: 0})
    then = int((time.time() - 300) * 1000)
    memory.log(place).records[0] = replace(memory.log(place).records[0], timestamp=then, value=b"{}")


def added(memory: MemoryBroker) -> None:
    topic = TOPICS.events("HotlineOpened")
    recreated(memory, topic, partitions=6)
    memory.own(TOPICS.group, {TopicPartition(topic, p): "worker-1" for p in range(6)})


def other_partitioner(memory: MemoryBroker) -> None:
    good = next(each for each in registered(50) if each.home == "RescueReported")
    memory.append(TopicPartition(RESCUES, (partition_of(good.key, 4) + 1) % 4), [(good.key, good.value, ())])
    work(memory)


def fast_producer(memory: MemoryBroker) -> None:
    key = b"rescued/VNM/KHM"
    value = orjson.dumps({"recordedtime": "2999-01-01T00:00:00.000000Z"})
    memory.append(TopicPartition(RESCUES, partition_of(key, 4)), [(key, value, ())])
    work(memory)


def refused(memory: MemoryBroker) -> None:
    made = {bad: good for bad, good in spoiled(registered(30), TOPICS).items() if bad.reason == "wrong_key"}
    append(memory, TOPICS, made)
    condemn(memory, TOPICS)
    work(memory)


def gone_version(memory: MemoryBroker) -> None:
    memory.put(TOPICS.versions, "live", encode_live("v7"))
    work(memory, replace(TOPICS, version="v7"))


Plant = Callable[[MemoryBroker], object]
#: What is done to a healthy set-up; the finding's name, where, what it says and what mends it, in part.
IN_THE_CLUSTER: dict[str, tuple[Plant, str, str, str, str]] = {
    "a topic deleted": (lambda m: m.delete([TOPICS.notes]), "topic_missing", TOPICS.notes, "topic is missing", "incidentlog topics apply"),
    "events that expire": (
        lambda m: recreated(m, TOPICS.events("HotlineOpened"), settings={"retention.ms": "604800000"}),
        "retention_too_short", "incidentlog.hotline-opened", "retention.ms is 604800000, should be -1", "--add-config retention.ms=-1"),
    "a table that is not compacted": (
        lambda m: recreated(m, TOPICS.rows("estimates"), settings={"cleanup.policy": "delete"}),
        "cleanup_policy", "incidentlog.estimates.v1", "cleanup.policy is delete, should be compact", "--add-config cleanup.policy=compact"),
    "partitions added": (
        added,
        "partition_mismatch", "incidentlog.hotline-opened", "has 6 partitions, the other event topics have 4", "incidentlog export"),
    "a misspelt topic": (
        lambda m: m.create([replace(TOPICS.all()[0], name="incidentlog.rescue-reportd")]),
        "stray_topic", "incidentlog.rescue-reportd", "none of this installation's topics", "auto.create.topics.enable=false"),
    "another partitioner": (other_partitioner, "wrong_partitioner", RESCUES, "1 of its newest records", "partitioner=murmur2_random"),
    "the broker's clock ahead": (lambda m: stamped(m, 90), "clock_skew", "the broker", "its clock is ahead", "timedatectl set-ntp true"),
    "a producer's clock ahead": (fast_producer, "clock_skew", RESCUES, "a producer's clock is ahead", "timedatectl set-ntp true"),
    "no worker": (no_worker, "unowned_partitions", "version v1", "no worker has any partition", "python -m incidentlog.worker --bootstrap memory --version v1"),
    "a partition nobody has": (one_partition_left_out, "unowned_partitions", "version v1", f"no worker has {RESCUES}/2", "python -m incidentlog.worker"),
    "workers that are late": (late, "lag", "version v1", "the oldest for 300 s", "python -m incidentlog.worker"),
    "records refused": (refused, "dead_letters", TOPICS.dead_letters, "wrong_key", "incidentlog dlq list"),
    "a live version without topics": (gone_version, "live_version_missing", "version v7", "subscribers find nothing", "incidentlog promote VERSION"),
}  # fmt: skip


def node(**changes: Any) -> Node:
    return Node(1, "kafka", 9092, {19: 7})._replace(**changes)


#: What a broker in memory cannot have.
ELSEWHERE: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "nobody there": ({"unreachable": "no route"}, "unreachable", "host:1", "no route", "incidentlog up"),
    "another library": (
        {"installed": PINNED | {"aiokafka": "0.1.0"}}, "library_version", "aiokafka", "0.1.0 is installed", f"pip install aiokafka=={PINNED['aiokafka']}"),
    "an advertised name that nobody knows": (
        {"nodes": [node(), node(id=2, problem="Name or service not known")]}, "advertised_listener", "broker 2 at kafka:9092",
        "Name or service not known", "set advertised.listeners"),
    "an old broker": ({"nodes": [node(), node(id=3, apis={19: 3})]}, "broker_too_old", "broker 3", "older than Kafka 2.4", "upgrade it"),
}  # fmt: skip


async def test_a_healthy_set_up_has_nothing_wrong() -> None:
    memory = await healthy()
    assert examine(await gather(memory, TOPICS)) == []


async def test_what_waits_a_moment_is_no_lag() -> None:
    memory = await healthy()
    async with Publisher(memory) as publisher:
        await publisher.publish_all(events()[:3])
    memory.commit(TOPICS.group, {place: max(0, memory.log(place).end - 1) for place in PLACES})
    assert (await gather(memory, TOPICS)).waiting
    assert examine(await gather(memory, TOPICS)) == []


@pytest.mark.parametrize("fault", IN_THE_CLUSTER)
async def test_a_planted_fault_is_named_with_its_cure(fault: str) -> None:
    plant, *expected = IN_THE_CLUSTER[fault]
    memory = await healthy()
    plant(memory)
    _matches(examine(await gather(memory, TOPICS)), *expected)


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_a_fault_outside_the_cluster_is_named_with_its_cure(fault: str) -> None:
    changes, *expected = ELSEWHERE[fault]
    _matches(examine(Facts("host:1", TOPICS, 0, **changes)), *expected)


def _matches(found: list[Finding], name: str, where: str, says: str, cure: str) -> None:
    assert [(each.name, each.where) for each in found] == [(name, where)]
    assert says in found[0].says
    assert cure in found[0].cure


async def test_once_redriven_a_record_on_a_wrong_partition_is_no_fault() -> None:
    memory = await healthy()
    other_partitioner(memory)
    condemn(memory, TOPICS)
    assert [each.name for each in examine(await gather(memory, TOPICS))] == ["wrong_partitioner", "dead_letters"]
    await redrive(memory, TOPICS, builtin(), await letters(memory, TOPICS))
    work(memory)
    assert examine(await gather(memory, TOPICS)) == []


async def test_a_broker_that_is_away_is_a_finding() -> None:
    memory = await healthy()
    memory.available = False
    [found] = examine(await gather(memory, TOPICS))
    assert found.name == "unreachable"


def test_the_verb(call: CommandLine) -> None:
    work(call.memory)
    assert call("doctor").status == 0
    assert call("doctor", "--table").err == "nothing is wrong\n"
    call.memory.delete([TOPICS.notes])
    called = call("doctor", "--json")
    assert called.status == 1
    [line] = called.objects()
    assert (line["name"], line["where"]) == ("topic_missing", TOPICS.notes)
    assert line["cure"] == "run `incidentlog topics apply`"
    shown = call("doctor", "--table")
    assert "topic missing" in shown.out
    assert shown.err == "1 thing wrong\n"
