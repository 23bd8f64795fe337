"""How many events were set aside that may touch a number: dead letters, by the cell they were meant for."""

from __future__ import annotations

from incidentlog.client.ports import Broker
from incidentlog.schemas.topics import Topics


class Quarantine:
    """Follows the dead letters; `await run()` forever."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        self.unplaced = 0

    def touching(self, projection: str, key: str | None = None) -> int:
        """How many may touch a row, or any row, of a projection; the unplaced ones among them."""
        raise NotImplementedError

    async def run(self) -> None:
        """Follow, whatever happens to the broker."""
        raise NotImplementedError
