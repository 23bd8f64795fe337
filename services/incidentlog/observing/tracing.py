"""Traces by OpenTelemetry: whether there are any, and where they go. Without, nothing of OpenTelemetry is even imported.

INCIDENTLOG_TRACES says where a worker, a gateway or `incidentlog publish` sends spans: `otlp` (as OTEL_EXPORTER_OTLP_ENDPOINT and
the other variables of OpenTelemetry say), else the name of a file that they are appended to, as JSON lines. A program that
publishes or subscribes by the client and has a tracer provider of its own is traced by that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from incidentlog.schemas.errors import IncidentlogError

if TYPE_CHECKING:
    from incidentlog.observing.spans import Spans

VARIABLE = "INCIDENTLOG_TRACES"
OTLP = "otlp"


class TracingExtraMissing(IncidentlogError):
    """Traces are wanted, but what makes them is not installed."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(
            f"{VARIABLE} is set, but {module} is not installed: `pip install 'incidentlog[otel]'`, or unset it"
        )


def current() -> Spans | None:
    """What makes spans in this program; None: nobody wants any."""
    api = sys.modules.get("opentelemetry.trace")  # whoever wants some has imported it
    if api is None:
        return None
    provider = api.get_tracer_provider()
    if isinstance(provider, api.ProxyTracerProvider | api.NoOpTracerProvider):
        return None
    from incidentlog.observing.spans import Spans  # noqa: PLC0415 - it imports OpenTelemetry

    return Spans(provider.get_tracer("incidentlog", version("incidentlog")))


@contextmanager
def exported(service: str) -> Iterator[None]:
    """Meanwhile spans go where the environment says, if it says so; in the end all have gone there."""
    where = os.environ.get(VARIABLE, "")
    if not where:
        yield
        return
    try:
        from incidentlog.observing.exporting import provider_for  # noqa: PLC0415 - as above
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise TracingExtraMissing(missing.name or "") from missing
    provider = provider_for(service, where)
    try:
        yield
    finally:
        provider.shutdown()


def trace_id() -> str:
    """The trace that what runs now belongs to; empty: none."""
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        return ""
    context = api.get_current_span().get_span_context()
    return api.format_trace_id(context.trace_id) if context.is_valid else ""
