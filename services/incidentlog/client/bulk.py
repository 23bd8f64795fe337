"""Publishing many: what is counted and told while batches are acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable

from incidentlog.client.outbox import Parcel
from incidentlog.client.ports import TopicPartition
from incidentlog.client.receipts import Receipt, Totals
from incidentlog.client.refusals import PublishError
from incidentlog.schemas.events import Event

_TURN = 200


class Bulk:
    """Totals of one `publish_all`, brought up to date batch by batch."""

    def __init__(self, progress: Callable[[Totals], None] | None, each: Callable[[Receipt], None] | None) -> None:
        self._progress, self._each = progress, each
        self._own: dict[Parcel, list[tuple[str, int]]] = {}
        self.totals = Totals()

    def take(self, event_id: str, partition: TopicPartition, parcel: Parcel | None, index: int | None) -> None:
        """An event is in a parcel, or known."""
        if parcel is None or index is None:
            self.totals.known += 1
            if self._each is not None:
                self._each(Receipt(event_id, *partition, None, "known"))
            return
        mine = self._own.get(parcel)
        if mine is None:
            mine = self._own[parcel] = []
            parcel.listeners.append(self._settled)
        mine.append((event_id, index))

    def refuse(self, refusal: PublishError, refused: Callable[[PublishError], None]) -> None:
        """An event was refused, and its publisher wants to go on."""
        self.totals.refused += 1
        refused(refusal)

    def _settled(self, parcel: Parcel) -> None:
        mine = self._own.pop(parcel)
        if parcel.failure is not None:
            return
        self.totals.appended += len(mine)
        if self._each is not None:
            for event_id, index in mine:
                self._each(Receipt(event_id, *parcel.partition, parcel.offset(index), "appended"))
        if self._progress is not None:
            self._progress(self.totals)


async def each_of(events: Iterable[Event] | AsyncIterable[Event]) -> AsyncIterator[Event]:
    """The events, letting batches go out now and then."""
    if isinstance(events, AsyncIterable):
        async for event in events:
            yield event
        return
    for number, event in enumerate(events, 1):
        yield event
        if number % _TURN == 0:
            await asyncio.sleep(0)
