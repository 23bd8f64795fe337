"""Following a topic of the live version: its records, then all of the version that is promoted in its place, at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from incidentlog.client.errors import NotOpen
from incidentlog.client.following import Following, State
from incidentlog.client.live import Live, live, promoted
from incidentlog.client.ports import Broker, Position, Record, TopicPartition
from incidentlog.schemas.topics import Topics


class Portion(NamedTuple):
    """Records in the order of their partitions; none now and then, while nothing comes.

    `promotion` is where a promotion stands in the log, None if these are further records of the version there was. Else they
    are the newest of each key of the version that is live now, in place of everything given before.
    """

    records: Sequence[Record]
    promotion: Position | None = None


class Versioned:
    """Follows `topic_of` the live version, from its start; `version` keeps it at one. For one task at a time.

    A broker that goes away is waited for. A portion that is waited for may be given up, and asked for again.
    """

    def __init__(
        self,
        broker: Broker,
        topics: Topics,
        topic_of: Callable[[Topics], str],
        version: str | None = None,
        on_state: Callable[[State], None] | None = None,
    ) -> None:
        self._broker, self._topics, self._topic_of, self._pinned = broker, topics, topic_of, version
        self._on_state = on_state
        self._following: Following | None = None
        self._aside = TopicPartition(topics.versions, 0)
        self._promoted = topics.version
        self._newest: dict[bytes | None, Record] | None = None
        self._switching: asyncio.Future[Portion] | None = None
        self.version = topics.version
        """The version whose records were given; in the course of a promotion still the one before."""

    @property
    def state(self) -> State:
        """Live once everything up to the end seen at the start was taken by the caller, and the next portion asked for."""
        return "connecting" if self._following is None else self._following.state

    @property
    def topic(self) -> str:
        """The topic whose records were given."""
        return self._topic_of(replace(self._topics, version=self.version))

    def positions(self) -> dict[int, int]:
        """The next offset by partition of `topic`: what lies before was given."""
        return self._of_topic({} if self._following is None else self._following.positions)

    def ends(self) -> dict[int, int]:
        """Where each partition of `topic` ended when the connection was made."""
        return self._of_topic({} if self._following is None else self._following.ends)

    def _of_topic(self, offsets: Mapping[TopicPartition, int]) -> dict[int, int]:
        return {each.partition: offset for each, offset in offsets.items() if each.topic == self.topic}

    async def open(self) -> None:
        """Connect; TopicMissing or BrokerUnreachable if that cannot be."""
        await self._begin(await self._standing())
        self.version = self._topics.version

    async def close(self) -> None:
        """Close the connection."""
        if self._switching is not None:
            self._switching.cancel()
            await asyncio.wait([self._switching])
        following, self._following = self._opened(), None
        await following.close()

    async def portion(self, *, until_live: bool = False) -> Portion | None:
        """What comes next; with `until_live` None as soon as it is live."""
        if self._switching is not None or self._newest is not None or self._promoted != self.version:
            return await self._switched()
        following = self._opened()
        following.settle()
        if until_live and following.state == "live":
            return None
        return Portion(self._own(await following.chunk()))

    def _own(self, records: Iterable[Record]) -> list[Record]:
        """Those of the topic; of the others, what they promote is noted."""
        own: list[Record] = []
        promotions: list[Record] = []
        for record in records:
            (promotions if record.topic == self._aside.topic else own).append(record)
        self._promoted = promoted(promotions) or self._promoted
        return own

    async def _standing(self) -> Live:
        if self._pinned is not None:
            return Live(self._pinned, None)
        async with self._broker.reader() as reader:
            return await live(reader, self._topics)

    async def _begin(self, at: Live) -> None:
        """Connect to a version."""
        topics = replace(self._topics, version=at.version or self._topics.version)
        aside = {} if at.position is None else {self._aside: at.position}
        following = Following(self._broker, self._topic_of(topics), self._on_state, aside)
        await following.connect()
        self._following, self._topics, self._promoted = following, topics, topics.version

    async def _switched(self) -> Portion:
        """Wait until it has switched. That goes on if waiting for it is given up: a connection that is cancelled while it is
        being made would stay open."""
        self._switching = self._switching or asyncio.ensure_future(self._switch())
        portion = None
        try:
            portion = await asyncio.shield(self._switching)
        finally:
            if self._switching.done() and (
                portion is not None or self._switching.cancelled() or self._switching.exception()
            ):
                self._switching = None
        self.version = self._topics.version
        return portion

    async def _switch(self) -> Portion:
        """Read the promoted version to its end, while what was given stays as it is. Another promotion meanwhile begins anew."""
        while True:
            following = self._opened()
            if self._promoted != self._topics.version or self._newest is None:
                await following.close()
                await self._begin(Live(self._promoted, following.position(self._aside)))
                self._newest, following = {}, self._opened()
            following.settle()
            if following.state == "live":
                break
            for record in self._own(await following.chunk()):
                self._newest.pop(record.key, None)
                self._newest[record.key] = record
        found, self._newest = list(self._newest.values()), None
        return Portion(found, Position(*self._aside, following.position(self._aside) - 1))

    def _opened(self) -> Following:
        if self._following is None:
            raise NotOpen("Subscriber")
        return self._following
