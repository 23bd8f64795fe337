"""Logs as JSON lines, for machines: INCIDENTLOG_LOG=json, or --log-format json.

A line says what happened, in which program and where: never what an event says, and no tracebacks, since these quote.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from incidentlog.observing.tracing import trace_id

VARIABLE = "INCIDENTLOG_LOG"
FORMATS = ("text", "json")
#: What may be told beside the words, of records and of errors; all of it is short and says where, not what.
FIELDS = (
    "topic", "partition", "offset", "event_type", "reason", "trace_id", "version", "stage", "partitions", "seconds", "writer",
    "status", "url",
)  # fmt: skip
_PLAIN = (str, int, float, bool)


def wants_json(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for JSON."""
    return environment.get(VARIABLE, "") == "json"


class JsonLines(logging.Formatter):
    """One object a line: time (RFC 3339, UTC), level, logger, message, and those of FIELDS that are known."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": " ".join(record.getMessage().split()),
        }
        told |= fields_of(vars(record))
        if record.exc_info and record.exc_info[1] is not None:
            told |= _error(record.exc_info[1])
        if "trace_id" not in told and (trace := trace_id()):
            told["trace_id"] = trace
        return json.dumps(told, ensure_ascii=False)


def error_line(error: BaseException, service: str) -> str:
    """The line of what ended a program: its words, which name a record by its place, and its fields."""
    record = logging.LogRecord(f"incidentlog.{service}", logging.ERROR, "", 0, str(error), None, None)
    vars(record).update(fields_of(vars(error)))
    told = json.loads(JsonLines(service).format(record))
    return json.dumps({**told, "error": type(error).__name__}, ensure_ascii=False)


def fields_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that may be told and are plain."""
    found = {name: values[name] for name in FIELDS if name in values}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, _PLAIN)
        or (isinstance(value, list | tuple) and all(isinstance(each, _PLAIN) for each in value))
    }


def _error(error: BaseException) -> dict[str, Any]:
    """The kind of an error and where it was raised; its words may quote what was sent."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "where": places}
