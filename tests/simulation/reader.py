"""What stands in for aiokafka's consumer where state is read back: assigned by hand, committed records only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.broker import Broker


class Reader:
    """Reads in chunks of lengths that are drawn."""

    broker: Broker

    def __init__(self, **_: Any) -> None:
        self._positions: dict[Any, int] = {}

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def beginning_offsets(self, places: Iterable[Any]) -> Any:
        return await self._ask(lambda: dict.fromkeys(places, 0))

    async def end_offsets(self, places: Iterable[Any]) -> Any:
        return await self._ask(lambda: {tp: self.broker.log[tp].stable for tp in places})

    def assign(self, places: Iterable[Any]) -> None:
        self._positions = dict.fromkeys(places, 0)

    async def position(self, place: Any) -> int:
        return self._positions[place]

    async def getmany(self, *places: Any, timeout_ms: int) -> dict[Any, list[Any]]:
        found, positions = await self._ask(self._read, places)
        self._positions |= positions
        if not found:
            await asyncio.sleep(timeout_ms / 1000)
        return {tp: records for tp, records in found.items() if records}

    def _read(self, places: Iterable[Any]) -> tuple[dict[Any, list[Any]], dict[Any, int]]:
        found, positions = {}, {}
        for tp in places:
            found[tp], positions[tp] = self.broker.log[tp].read(
                self._positions[tp], self.broker.rng.choice((3, 30, 100))
            )
        return found, positions

    async def _ask(self, action: Any, *args: Any) -> Any:
        return await self.broker.network.request(action, *args)
