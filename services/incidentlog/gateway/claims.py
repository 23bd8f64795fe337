"""The claims behind the numbers, in memory as they are on the topic of statements, decoded when asked for."""

from __future__ import annotations

from collections.abc import Iterable

from incidentlog.client.ports import Broker
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics


class Claims:
    """Follows the statements of the live version, and the paraphrases; `await run()` forever."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        self.version = topics.version

    @property
    def position(self) -> list[str]:
        """Last record read of each partition, `TOPIC:PARTITION:OFFSET`."""
        raise NotImplementedError

    def of(self, cell: str) -> list[Statement]:
        """The set of one cell (`rescued/VNM/KHM`), copies under one id included."""
        raise NotImplementedError

    def cell_of(self, claim: str) -> str | None:
        """The cell of a claim, or of an event about one, by its id."""
        raise NotImplementedError

    def notes(self, claims: Iterable[str]) -> dict[str, str]:
        """The paraphrases of claims by id."""
        raise NotImplementedError

    async def run(self) -> None:
        """Follow, whatever happens to the broker."""
        raise NotImplementedError
