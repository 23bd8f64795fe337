"""The mirror: one projection's rows in memory, in the order of their last changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from incidentlog.client.following import State
from incidentlog.client.ports import Broker
from incidentlog.client.rows import Row
from incidentlog.schemas.topics import Topics


@dataclass(slots=True)
class Held:
    """The newest of one key: `row` None is gone. `sequence` grows with every change of any key; `recorded` is milliseconds
    since 1970."""

    key: str
    row: Row | None
    sequence: int
    recorded: int
    partition: int
    offset: int


class Mirror:
    """Follows one projection of the live version; `await run()` forever.

    Between two suspensions of a task everything here is of one moment: a promotion happens at once.
    """

    def __init__(self, broker: Broker, topics: Topics, projection: str) -> None:
        self.projection = projection
        self.state: State = "connecting"
        self.version = topics.version
        self.sequence = 0

    @property
    def held(self) -> Mapping[str, Held]:
        """By key, tombstones included; in the order of last changes."""
        raise NotImplementedError

    @property
    def vector(self) -> tuple[int, ...]:
        """The next offset of each partition of the live version's topic."""
        raise NotImplementedError

    def since(self, sequence: int) -> Iterator[Held]:
        """What changed after `sequence`, each key once, the oldest change first."""
        raise NotImplementedError

    async def changed(self, sequence: int) -> None:
        """Wait until something changes after `sequence`."""
        raise NotImplementedError

    async def run(self) -> None:
        """Follow, whatever happens to the broker."""
        raise NotImplementedError
