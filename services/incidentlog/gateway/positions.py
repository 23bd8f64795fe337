"""Waiting for a position: until what a record led to is in the rows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from incidentlog.client.ports import Admin, Broker, Reader, TopicPartition
from incidentlog.client.reading import partitions_of, read_to_end
from incidentlog.gateway.errors import BadPosition, NotThereYet
from incidentlog.gateway.following import Follower
from incidentlog.gateway.mirror import Mirror
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.topics import Topics

_POSITION = re.compile(r"([A-Za-z0-9._-]{1,249}):(\d{1,9}):(\d{1,18})", re.ASCII)
#: How often workers are asked how far they are.
_AGAIN = 0.02


class Wanted(NamedTuple):
    """A record whose effect is waited for."""

    place: TopicPartition
    offset: int


def parse(text: str) -> Wanted:
    """The position that `text` spells; BadPosition otherwise."""
    found = _POSITION.fullmatch(text)
    if found is None:
        raise BadPosition(text[:300], "cannot be read")
    return Wanted(TopicPartition(found[1], int(found[2])), int(found[3]))


async def reached(broker: Broker, topics: Topics, mirror: Mirror, texts: Iterable[str], seconds: float) -> None:
    """Return when what these records led to is in the rows; NotThereYet after so many seconds.

    A record is one of the projection's own table, or an event: then it is waited until it was folded, what it contributes
    rolled up, and the rows read. An event that was refused leads to nothing, and is waited for no longer than that.
    """
    listed = list(texts)
    wanted = [parse(text) for text in listed]
    events = set(topics.counted) | set(topics.official)
    for text, each in zip(listed, wanted, strict=True):
        if each.place.topic not in events and each.place.topic != mirror.topic:
            raise BadPosition(text, f"is neither of {mirror.topic} nor of a topic of events")
    try:
        async with asyncio.timeout(seconds):
            own = {each.place: each.offset + 1 for each in wanted if each.place.topic == mirror.topic}
            appended = {each.place: each.offset + 1 for each in wanted if each.place.topic in events}
            if appended:
                own |= await _led_to(broker, topics, mirror, appended)
            await read_up_to(mirror, own)
    except TimeoutError:
        raise NotThereYet(", ".join(listed), seconds) from None


async def read_up_to(follower: Follower, offsets: Mapping[TopicPartition, int]) -> None:
    """Wait until a follower has read all before these offsets of its topic."""
    while any(_behind(follower, place, offset) for place, offset in offsets.items()):
        await follower.moved()


def _behind(follower: Follower, place: TopicPartition, offset: int) -> bool:
    # Of another version there is nothing to wait for: its rows are not shown.
    vector = follower.vector
    return place.topic == follower.topic and (place.partition >= len(vector) or vector[place.partition] < offset)


async def _led_to(
    broker: Broker, topics: Topics, mirror: Mirror, events: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """Where the rows end once these events are folded, and rolled up if need be."""
    at = replace(topics, version=mirror.version)
    async with broker.admin() as admin, broker.reader() as reader:
        await _committed(admin, at.group, events)
        if mirror.projection not in (ESTIMATES, OFFICIAL_ACTIONS):
            rest = await _last_records(admin, reader, at.group, at.contributions)
            await _committed(admin, at.group, rest)
        return await reader.end_offsets(await partitions_of(reader, [mirror.topic]))


async def _committed(admin: Admin, group: str, offsets: Mapping[TopicPartition, int]) -> None:
    while True:
        committed = await admin.committed(group)
        if all(committed.get(place, 0) >= offset for place, offset in offsets.items()):
            return
        await asyncio.sleep(_AGAIN)


async def _last_records(admin: Admin, reader: Reader, group: str, topic: str) -> dict[TopicPartition, int]:
    """One past the last record of each partition that nobody has committed yet; a topic may end with markers instead."""
    partitions = await partitions_of(reader, [topic])
    ends, starts, committed = (
        await reader.end_offsets(partitions),
        await reader.start_offsets(partitions),
        await admin.committed(group),
    )
    begin = {each: max(starts[each], min(committed.get(each, 0), ends[each])) for each in partitions}
    last: dict[TopicPartition, int] = {}
    async for chunk in read_to_end(reader, begin, ends):
        for record in chunk:
            last[TopicPartition(record.topic, record.partition)] = record.offset + 1
    return last
