"""The rows of a few projections, kept up to date while they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import orjson

from incidentlog.cli.tables import NumberRow, RowTable, ordered
from incidentlog.client import Subscriber
from incidentlog.client.background import cancel
from incidentlog.client.ports import Broker
from incidentlog.schemas.rows import adapter, encode_row
from incidentlog.schemas.topics import Topics

JsonRow = dict[str, Any]


class Board:
    """`async with Board(broker, names) as board:` then `board.rows[name]`, by key."""

    def __init__(self, broker: str | Broker, projections: Iterable[str], topics: Topics | None = None) -> None:
        self.rows: dict[str, dict[str, JsonRow]] = {name: {} for name in projections}
        self._subscribers = [Subscriber(broker, name, topics=topics) for name in self.rows]
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await asyncio.gather(*map(self._stack.enter_async_context, self._subscribers))
        self._tasks = [asyncio.create_task(self._follow(each)) for each in self._subscribers]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await cancel(*self._tasks)
        await self._stack.aclose()

    async def changed(self) -> None:
        """Wait for the next change."""
        self._changed.clear()
        waiting = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait([waiting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        for task in self._tasks:
            if task.done():
                task.result()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a change makes `condition` true; at once if it is."""
        while not condition():
            await self.changed()

    def missing(self, expected: Iterable[Any]) -> list[str]:
        """Keys, with their projection, under which another row stands than `expected`, or none."""
        wanted = {
            (row.projection, row.key): _comparable(orjson.loads(encode_row(row)))
            for row in expected
            if row.projection in self.rows
        }
        found = {(name, key): _comparable(row) for name, rows in self.rows.items() for key, row in rows.items()}
        return sorted(
            "/".join(place) for place in wanted.keys() | found.keys() if wanted.get(place) != found.get(place)
        )

    def table(self, projection: str) -> RowTable:
        """The rows of a projection."""
        return RowTable(projection, typed(projection, self.rows[projection].values()))

    def ordered(self, projection: str) -> list[NumberRow]:
        """The rows of a projection of numbers, in the table's order."""
        return ordered(projection, typed(projection, self.rows[projection].values()))

    async def _follow(self, subscriber: Subscriber) -> None:
        rows = self.rows[subscriber.projection]
        async for change in subscriber:
            if change.row is None:
                rows.pop(change.key, None)
            else:
                rows[change.key] = change.row
            self._changed.set()


def typed(projection: str, rows: Iterable[JsonRow]) -> list[Any]:
    """Rows as they come from the log, as the contract's types."""
    validator = adapter(projection)
    return [validator.validate_python(row) for row in rows]


def _comparable(row: JsonRow) -> JsonRow:
    """A row without its version, which counts the steps that led to it."""
    return {name: value for name, value in row.items() if name != "version"}
