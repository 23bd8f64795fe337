"""The subscriber: a projection's rows as they are, then as they change."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Self

from incidentlog.client.connect import broker_at
from incidentlog.client.errors import NotOpen, TopicMissing, UnknownProjection
from incidentlog.client.following import Following, State
from incidentlog.client.live import Live, live, promoted
from incidentlog.client.ports import Broker, Position, Record, TopicPartition
from incidentlog.client.rows import Change, Row, change_of
from incidentlog.schemas.topics import PROJECTIONS, Topics


class Subscriber:
    """Follows one projection: the snapshot, then every change, with no gap between them. For one task at a time.

        async with Subscriber("localhost:19092", "rescued-by-nationality") as subscriber:
            rows = await subscriber.snapshot()
            async for change in subscriber:
                ...

    Three ways to run it: `snapshot` once, `to_end` for the changes up to the present, iteration until cancelled. What
    `snapshot` has returned is not repeated; without it, iteration starts with the rows there are. `state` is connecting,
    catching_up or live; a broker that goes away is waited for. Its memory grows with the rows, not with their history.

    It follows the version that is live (`version` keeps it at one, whether live or not). At a promotion it reads the other
    version to its end, then gives all that differs as changes of one moment (`Change.more`). `rows` is never a mixture.
    """

    def __init__(
        self,
        broker: str | Broker,
        projection: str,
        *,
        topics: Topics | None = None,
        version: str | None = None,
        on_state: Callable[[State], None] | None = None,
    ) -> None:
        self.projection = projection
        self._broker, self._topics, self._pinned = broker_at(broker), topics or Topics(), version
        self._on_state = on_state
        self._following: Following | None = None
        self._aside = TopicPartition(self._topics.versions, 0)
        self._changes: deque[Change] = deque()
        self._promoted = self.version
        self._newest: dict[str, Change] | None = None
        self._switching: asyncio.Future[None] | None = None
        self._moment: list[Change] = []
        self._rows: dict[str, Row] = {}

    @property
    def rows(self) -> Mapping[str, Row]:
        """The rows by key, as of the last moment that was taken to its end."""
        return MappingProxyType(self._rows)

    @property
    def state(self) -> State:
        """Where it stands. Live comes after everything up to the end seen at the start was taken by the caller."""
        return "connecting" if self._following is None else self._following.state

    @property
    def version(self) -> str:
        """The version whose rows it has; in the course of a promotion still the one before."""
        return self._topics.version

    async def __aenter__(self) -> Self:
        try:
            await self._begin(await self._standing())
        except TopicMissing as error:
            if self.projection in PROJECTIONS:
                raise
            raise UnknownProjection(self.projection, PROJECTIONS) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._switching is not None:
            self._switching.cancel()
            await asyncio.wait([self._switching])
        following, self._following = self._opened(), None
        await following.close()

    async def snapshot(self) -> dict[str, Row]:
        """The rows by key, once it has caught up; changes that were taken before are in them."""
        async for _change in self.to_end():
            pass
        return dict(self._rows)

    async def to_end(self) -> AsyncIterator[Change]:
        """The changes until it is live; none if it is."""
        while (change := await self._next(until_live=True)) is not None:
            yield change

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        change = await self._next(until_live=False)
        assert change is not None
        return change

    async def _next(self, *, until_live: bool) -> Change | None:
        while not self._changes:
            if self._switching is not None or self._promoted != self.version or self._newest is not None:
                await self._switched()
                continue
            following = self._opened()
            following.settle()
            if until_live and following.state == "live":
                return None
            self._take(await following.chunk(), self._changes.append)
        change = self._changes.popleft()
        self._moment.append(change)
        if not change.more:
            for each in self._moment:
                _apply(each, self._rows)
            self._moment.clear()
        return change

    def _take(self, records: Iterable[Record], put: Callable[[Change], None]) -> None:
        """Give the changes among records to `put`, and note what they promote."""
        promotions = []
        for record in records:
            if record.topic == self._aside.topic:
                promotions.append(record)
            else:
                put(change_of(record))
        self._promoted = promoted(promotions) or self._promoted

    async def _standing(self) -> Live:
        if self._pinned is not None:
            return Live(self._pinned, None)
        async with self._broker.reader() as reader:
            return await live(reader, self._topics)

    async def _begin(self, at: Live) -> None:
        """Connect to the rows of a version."""
        topics = replace(self._topics, version=at.version or self.version)
        aside = {} if at.position is None else {self._aside: at.position}
        following = Following(self._broker, topics.rows(self.projection), self._on_state, aside)
        await following.connect()
        self._following, self._topics, self._promoted = following, topics, topics.version

    async def _switched(self) -> None:
        """Wait until it has switched. That goes on if waiting for it is given up: a connection that is cancelled while it is
        being made would stay open."""
        self._switching = self._switching or asyncio.ensure_future(self._switch())
        try:
            await asyncio.shield(self._switching)
        finally:
            if self._switching.done():
                self._switching = None

    async def _switch(self) -> None:
        """Read the promoted version to its end while the rows stay as they are, then tell what differs.

        Another promotion meanwhile begins it anew.
        """
        following = self._opened()
        if self._promoted != self.version:
            await following.close()
            self._changes.clear()  # they lead to rows that are shown no more
            await self._begin(Live(self._promoted, following.position(self._aside)))
            self._newest = {}
            following = self._opened()
        newest = self._newest
        assert newest is not None
        following.settle()
        while following.state != "live":
            self._take(await following.chunk(), lambda change: newest.update({change.key: change}))
            if self._promoted != self.version:
                return
            following.settle()
        self._changes.extend(self._differences(newest, Position(*self._aside, following.position(self._aside) - 1)))
        self._newest = None

    def _differences(self, newest: Mapping[str, Change], promotion: Position) -> list[Change]:
        there = {key: change for key, change in newest.items() if change.row is not None}
        changes = [change for key, change in there.items() if change.row != self._rows.get(key)]
        changes += [Change(key, None, promotion) for key in self._rows if key not in there]
        return [change._replace(more=change is not changes[-1]) for change in changes]

    def _opened(self) -> Following:
        if self._following is None:
            raise NotOpen("Subscriber")
        return self._following


def _apply(change: Change, rows: dict[str, Row]) -> None:
    if change.row is None:
        rows.pop(change.key, None)
    else:
        rows[change.key] = change.row
