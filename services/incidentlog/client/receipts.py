"""What a publisher answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Receipt(NamedTuple):
    """What became of one event: appended at an offset, or known, so that there was nothing to do.

    `offset` is None where the event is known from before this publisher, or where the broker did not tell.
    """

    event_id: str
    topic: str
    partition: int
    offset: int | None
    outcome: Literal["appended", "known"]


@dataclass(slots=True)
class Totals:
    """How many events were appended, how many were already known and how many refused."""

    appended: int = 0
    known: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        """All of them."""
        return self.appended + self.known + self.refused


@dataclass(slots=True)
class Counts:
    """What a publisher has counted since it began: events by what became of them (`failed`: not acknowledged), and how many
    wait for the broker now."""

    appended: int = 0
    known: int = 0
    refused: int = 0
    failed: int = 0
    waiting: int = 0

    def settled(self, events: int, *, failed: bool) -> None:
        """So many that waited are acknowledged, or never will be."""
        self.waiting -= events
        if failed:
            self.failed += events
        else:
            self.appended += events
