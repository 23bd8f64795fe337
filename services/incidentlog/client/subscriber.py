"""The subscriber: a projection's rows as they are, then as they change."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from incidentlog.client.connect import broker_at
from incidentlog.client.errors import TopicMissing, UnknownProjection
from incidentlog.client.following import State
from incidentlog.client.ports import Broker, Position
from incidentlog.client.rows import Change, Row, change_of
from incidentlog.client.traces import received
from incidentlog.client.versioned import Versioned
from incidentlog.observing import tracing
from incidentlog.schemas.topics import PROJECTIONS, Topics

if TYPE_CHECKING:
    from incidentlog.observing.spans import Spans


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
        topics = topics or Topics()
        self._source = Versioned(broker_at(broker), topics, lambda each: each.rows(projection), version, on_state)
        self._changes: deque[Change] = deque()
        self._moment: list[Change] = []
        self._rows: dict[str, Row] = {}
        self._spans: Spans | None = None

    @property
    def rows(self) -> Mapping[str, Row]:
        """The rows by key, as of the last moment that was taken to its end."""
        return MappingProxyType(self._rows)

    @property
    def state(self) -> State:
        """Where it stands. Live comes after everything up to the end seen at the start was taken by the caller."""
        return self._source.state

    @property
    def version(self) -> str:
        """The version whose rows it has; in the course of a promotion still the one before."""
        return self._source.version

    async def __aenter__(self) -> Self:
        try:
            await self._source.open()
        except TopicMissing as error:
            if self.projection in PROJECTIONS:
                raise
            raise UnknownProjection(self.projection, PROJECTIONS) from error
        self._spans = tracing.current()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._source.close()

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
            portion = await self._source.portion(until_live=until_live)
            if portion is None:
                return None
            if self._spans is not None:
                for record in portion.records:
                    received(self._spans, record)
            changes = map(change_of, portion.records)
            self._changes.extend(
                changes if portion.promotion is None else self._differences(changes, portion.promotion)
            )
        change = self._changes.popleft()
        self._moment.append(change)
        if not change.more:
            for each in self._moment:
                _apply(each, self._rows)
            self._moment.clear()
        return change

    def _differences(self, newest: Iterable[Change], promotion: Position) -> list[Change]:
        there = {change.key: change for change in newest if change.row is not None}
        changes = [change for key, change in there.items() if change.row != self._rows.get(key)]
        changes += [Change(key, None, promotion) for key in self._rows if key not in there]
        return [change._replace(more=change is not changes[-1]) for change in changes]


def _apply(change: Change, rows: dict[str, Row]) -> None:
    if change.row is None:
        rows.pop(change.key, None)
    else:
        rows[change.key] = change.row
