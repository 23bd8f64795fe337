"""Where spans go: a collector, or a file. Imports OpenTelemetry's SDK, which comes with incidentlog[otel]."""

from __future__ import annotations

import os
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

from incidentlog.observing.tracing import OTLP


def provider_for(service: str, where: str) -> TracerProvider:
    """A provider, and this program's from now on. Its sampler is as OTEL_TRACES_SAMPLER says, all of them by default."""
    name = os.environ.get("OTEL_SERVICE_NAME") or service
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(_exporter(where)))
    trace.set_tracer_provider(provider)
    return provider


def _exporter(where: str) -> SpanExporter:
    if where != OTLP:
        return ConsoleSpanExporter(out=Path(where).open("a", encoding="utf-8"), formatter=_line)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - takes long to import

    return OTLPSpanExporter()


def _line(span: ReadableSpan) -> str:
    return f"{span.to_json(indent=None)}\n"
