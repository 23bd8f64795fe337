"""The gateway's publisher: opened when something is first published, and anew after the broker failed it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from incidentlog.client import NotAcknowledged, Publisher, PublishError, Receipt
from incidentlog.client.ports import Broker
from incidentlog.client.receipts import Counts
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics


class Folded(Protocol):
    """What of the log was folded so far, and seen here."""

    def of(self, cell: str) -> Iterable[Statement]: ...
    def cell_of(self, claim: str) -> str | None: ...


class Writer:
    """Publishes for all requests. A broker that does not answer costs a request at most `patience` seconds."""

    def __init__(
        self,
        broker: Broker,
        topics: Topics,
        registers: Registers,
        folded: Folded | None = None,
        *,
        patience: float = 10.0,
    ) -> None:
        self.registers = registers
        self._broker, self._topics, self._folded, self._patience = broker, topics, folded, patience
        self.counts = Counts()
        """What became of all events so far."""
        self._opening = asyncio.Lock()
        self._publisher: Publisher | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.__aexit__(kind, error, trace)

    async def weigh(self, events: Sequence[Event], notes: Mapping[str, str]) -> list[PublishError | None]:
        """Why each event would be refused, if so."""
        publisher = await self._opened()
        if self._folded is not None:
            for event in events:
                self._learn(publisher, event.id)
        found = publisher.weigh(events, notes)
        self.counts.refused += sum(each is not None for each in found)
        return found

    async def publish(
        self, events: Sequence[Event], notes: Mapping[str, str]
    ) -> tuple[dict[str, list[Receipt]], dict[str, PublishError]]:
        """Append events: by id the receipts, what was appended first, and what was refused after all."""
        publisher = await self._opened()
        receipts: dict[str, list[Receipt]] = defaultdict(list)
        refused: dict[str, PublishError] = {}
        try:
            await publisher.publish_all(
                events,
                notes=notes,
                each=lambda receipt: receipts[receipt.event_id].append(receipt),
                refused=lambda refusal: refused.update({refusal.event_id: refusal}),
            )
        except NotAcknowledged as error:
            await self._give_up(publisher, error)
            raise
        for found in receipts.values():
            found.sort(key=lambda receipt: receipt.outcome)
        return receipts, refused

    async def learn(self, event_id: str, digest: str, cell: str) -> None:
        """Tell the publisher of an event that the log has."""
        (await self._opened()).learn(event_id, digest, cell)

    async def _opened(self) -> Publisher:
        async with self._opening:
            if self._publisher is None:
                publisher = Publisher(
                    self._broker,
                    topics=self._topics,
                    registers=self.registers,
                    patience=self._patience,
                    counts=self.counts,
                )
                self._publisher = await publisher.__aenter__()
            return self._publisher

    async def _give_up(self, publisher: Publisher, error: PublishError) -> None:
        """Whatever it was told of since then, this publisher says no more: the next request opens another."""
        if self._publisher is publisher:
            self._publisher = None
            await publisher.__aexit__(type(error), error, error.__traceback__)

    def _learn(self, publisher: Publisher, event_id: str) -> None:
        """Tell the publisher of an event that others have appended meanwhile."""
        assert self._folded is not None
        cell = self._folded.cell_of(event_id)
        held = [each for each in self._folded.of(cell) if each.id == event_id] if cell is not None else []
        if held and cell is not None:
            publisher.learn(event_id, min(held, key=lambda each: (each.recorded, each.digest)).digest, cell)
