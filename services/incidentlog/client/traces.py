"""The trace of an event begins where it is published: a span until it is acknowledged, and a header that goes with it. It ends
with whoever follows the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentlog.client.outbox import Parcel
from incidentlog.client.ports import Headers, Record, TopicPartition
from incidentlog.schemas.envelope import type_uri
from incidentlog.schemas.events import Event

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from incidentlog.observing.spans import Spans


class Publication:
    """An event on its way to a partition. `headers` are what its record carries besides its own."""

    def __init__(self, spans: Spans, event: Event, partition: TopicPartition) -> None:
        from incidentlog.observing.spans import about, headers_of  # noqa: PLC0415 - only who traces has it

        told = {"cloudevents.event_id": event.id, "cloudevents.event_type": type_uri(event.type)}
        self._span: Span = spans.begin("publish", "send", about=about("send", *partition) | told)
        self.headers: Headers = headers_of(self._span)

    def in_parcel(self, parcel: Parcel) -> None:
        """It is the last of that parcel now, and acknowledged with it."""
        index = len(parcel.ids) - 1
        parcel.listeners.append(lambda settled: self._settled(settled, index))

    def _settled(self, parcel: Parcel, index: int) -> None:
        if parcel.failure is not None:
            self._span.record_exception(parcel.failure)
        elif (offset := parcel.offset(index)) is not None:
            self._span.set_attribute("messaging.kafka.offset", offset)
        self._span.end()


def received(spans: Spans, record: Record) -> None:
    """A row came to a subscriber; it may carry a trace."""
    from incidentlog.observing.spans import about, carried  # noqa: PLC0415 - as above

    context = carried(record.headers)
    if context is not None:
        told = about("process", record.topic, record.partition, messaging__kafka__offset=record.offset)
        spans.begin("receive", "process", context, about=told).end()
