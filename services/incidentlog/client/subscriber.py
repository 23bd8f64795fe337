"""The subscriber: a projection's rows as they are, then as they change."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self

from incidentlog.client.connect import broker_at
from incidentlog.client.errors import NotOpen, TopicMissing, UnknownProjection
from incidentlog.client.following import Following, State
from incidentlog.client.ports import Broker
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
    """

    def __init__(
        self,
        broker: str | Broker,
        projection: str,
        *,
        topics: Topics | None = None,
        on_state: Callable[[State], None] | None = None,
    ) -> None:
        self.projection = projection
        topic = (topics or Topics()).rows(projection)
        self._following = Following(broker_at(broker), topic, on_state)
        self._changes: deque[Change] = deque()
        self._rows: dict[str, Row] = {}
        self._open = False

    @property
    def state(self) -> State:
        """Where it stands. Live comes after everything up to the end seen at the start was taken by the caller."""
        return self._following.state

    async def __aenter__(self) -> Self:
        try:
            await self._following.connect()
        except TopicMissing as error:
            if self.projection in PROJECTIONS:
                raise
            raise UnknownProjection(self.projection, PROJECTIONS) from error
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        await self._following.close()

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
        if not self._open:
            raise NotOpen("Subscriber")
        while not self._changes:
            self._following.settle()
            if until_live and self.state == "live":
                return None
            self._changes.extend(map(change_of, await self._following.chunk()))
        change = self._changes.popleft()
        if change.row is None:
            self._rows.pop(change.key, None)
        else:
            self._rows[change.key] = change.row
        return change
