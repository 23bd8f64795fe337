"""Spans, and how one program tells the next which trace something belongs to: W3C's traceparent, in a record's headers.

A record of a log that is kept for ever carries one only if its trace is sampled: what is not says nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry import context as contexts
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_NAMES = frozenset(_PROPAGATOR.fields)
KINDS = {"send": SpanKind.PRODUCER, "process": SpanKind.CONSUMER, "serve": SpanKind.SERVER}
Headers = list[tuple[str, bytes]]
#: What may be a parent: a span of ours, or what came with a record.
Parent = Span | SpanContext | None


class Spans:
    """Makes spans. Moments are nanoseconds since 1970."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def begin(
        self,
        name: str,
        does: str,
        parent: Parent = None,
        links: Iterable[SpanContext] = (),
        began: int | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Span:
        """A span; `does` is one of KINDS. Without a parent it is a part of what runs now, or begins a trace."""
        context = None
        if parent is not None:
            context = set_span_in_context(
                parent if isinstance(parent, Span) else NonRecordingSpan(parent), contexts.Context()
            )
        return self._tracer.start_span(
            name, context, KINDS[does], dict(about or {}), [Link(each) for each in links], start_time=began
        )


def headers_of(span: Span) -> Headers:
    """What a record carries so that whoever takes it goes on with the trace."""
    if not span.get_span_context().trace_flags.sampled:
        return []
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, set_span_in_context(span))
    return [(name, value.encode()) for name, value in carrier.items()]


def carried(headers: Iterable[tuple[str, bytes]]) -> SpanContext | None:
    """The context that came with a record; None if none did, if it cannot be read, or if its trace is not sampled."""
    found = {name: value.decode("latin-1") for name, value in headers if name in _NAMES}
    if not found:
        return None
    context = get_current_span(_PROPAGATOR.extract(found, contexts.Context())).get_span_context()
    return context if context.is_valid and context.trace_flags.sampled else None


def about(operation: str, topic: str, partition: int, **more: Any) -> dict[str, Any]:
    """Attributes by OpenTelemetry's conventions for messaging; nothing of what an event says."""
    told = {
        "messaging.system": "kafka",
        "messaging.operation.type": operation,
        "messaging.destination.name": topic,
        "messaging.destination.partition.id": str(partition),
    }
    return told | {name.replace("__", "."): value for name, value in more.items()}
