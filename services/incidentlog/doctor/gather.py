"""Gathering the facts: reads only, and writes nothing anywhere."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from incidentlog.client.connect import broker_at
from incidentlog.client.errors import BrokerUnreachable
from incidentlog.client.live import live
from incidentlog.client.ports import Admin, Broker, Reader, TopicPartition
from incidentlog.client.reading import first_timestamps, read_to_end
from incidentlog.doctor.checks import PINNED
from incidentlog.doctor.facts import Facts
from incidentlog.quarantine import letters
from incidentlog.schemas.topics import Topics
from incidentlog.topics import check

#: How many records at the end of each partition are looked at.
_NEWEST = 100


async def gather(broker: str | Broker, topics: Topics) -> Facts:
    """What there is to know of a set-up; where nobody answers, or brokers are not where they say, that alone."""
    where = broker_at(broker)
    facts = Facts(where.address, topics, _now(), installed={name: _installed(name) for name in PINNED})
    try:
        facts.nodes = await where.nodes()
        if not any(node.problem for node in facts.nodes):
            await _look(where, facts)
    except BrokerUnreachable as error:
        facts.unreachable = str(error)
    return facts


async def _look(broker: Broker, facts: Facts) -> None:
    async with broker.reader() as reader, broker.admin() as admin:
        facts.live = (await live(reader, facts.topics)).version or facts.topics.version
        facts.topics = replace(facts.topics, version=facts.live)
        await _look_at_topics(broker, admin, facts)
        await _look_at_events(reader, admin, facts)
    if not {facts.topics.dead_letters, facts.topics.redriven} - set(facts.names):
        found = await letters(broker, facts.topics)
        facts.letters = Counter(each.reason for each in found if each.open)
        facts.mended = {each.origin for each in found if not each.open}


async def _look_at_topics(broker: Broker, admin: Admin, facts: Facts) -> None:
    topics = facts.topics
    facts.names = [name for name in await admin.names() if name.startswith(topics.prefix + ".")]
    states = await admin.describe([*topics.counted, *topics.official])
    facts.partitions = {name: state.partitions for name, state in states.items()}
    usual = Counter(facts.partitions.values()).most_common(1)
    facts.topics = replace(topics, partitions=usual[0][0]) if usual else topics
    facts.differences = await check(broker, facts.topics)


async def _look_at_events(reader: Reader, admin: Admin, facts: Facts) -> None:
    where = [TopicPartition(name, number) for name, count in facts.partitions.items() for number in range(count)]
    if not where:
        return
    starts, ends = await reader.start_offsets(where), await reader.end_offsets(where)
    tails = {each: max(starts[each], ends[each] - _NEWEST) for each in where}
    facts.newest = [record async for chunk in read_to_end(reader, tails, ends) for record in chunk]
    group = facts.topics.group
    committed, facts.owners = await admin.committed(group), await admin.owners(group)
    begun = {each: max(starts[each], committed.get(each, 0)) for each in where}
    facts.oldest = await first_timestamps(reader, {each: at for each, at in begun.items() if at < ends[each]}, ends)
    facts.waiting = {each: ends[each] - begun[each] for each in facts.oldest}
    facts.now = _now()


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _now() -> int:
    return int(time.time() * 1000)
