"""The CloudEvents 1.0 envelope, structured JSON: what stands around an event's data on the wire."""

from __future__ import annotations

import re
from typing import Any

from incidentlog.schemas import edtf
from incidentlog.schemas.about import AboutClaims
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import Event, EventData, dump
from incidentlog.schemas.quoting import brief

#: Versions of the data written today, by event type; a type that is not named is at 1.
VERSIONS: dict[str, int] = {}
#: Bytes of an event's JSON, envelope included.
LARGEST = 64 << 10
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
_TYPE = re.compile(r"org\.incidentlog\.([A-Z][A-Za-z]{1,60})\.v([1-9][0-9]{0,3})")


def type_uri(event_type: str, version: int | None = None) -> str:
    """`org.incidentlog.RescueReported.v1`."""
    return f"org.incidentlog.{event_type}.v{version or VERSIONS.get(event_type, 1)}"


def schema_uri(event_type: str, version: int | None = None) -> str:
    """`urn:incidentlog:schema:RescueReported:1`, the `$id` of the JSON Schema of the data."""
    return f"urn:incidentlog:schema:{event_type}:{version or VERSIONS.get(event_type, 1)}"


def parse_type(uri: str) -> tuple[str, int]:
    """(name, version) of a type URI; DecodeError `unknown_type` for one that is not ours."""
    found = _TYPE.fullmatch(uri)
    if found is None:
        raise DecodeError("unknown_type", "an event type is org.incidentlog.NAME.vN", brief(uri))
    return found[1], int(found[2])


def _time(data: EventData) -> str:
    """When it was said: the last moment of the publication, or of the decision. Left out, stock software puts its own."""
    if isinstance(data, AboutClaims):
        return data.decided.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return edtf.last_moment(data.published.edtf)


def wrap(event: Event) -> dict[str, Any]:
    """The envelope as a JSON-ready object; `recordedtime` comes last and only once the event was recorded."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": type_uri(event.type),
        "time": _time(event.data),
        "datacontenttype": "application/json",
        "dataschema": schema_uri(event.type),
        "partitionkey": str(event.cell),
        "correlationid": event.source,
        "dataclassification": "restricted",
        "data": dump(event.data),
    }
    subject = getattr(event.data, "ref", None)
    if subject is not None:
        envelope["subject"] = subject
    target = getattr(event.data, "target", None)
    if target is not None and target.id is not None:
        envelope["causationid"] = target.id
    if event.recorded is not None:
        envelope["recordedtime"] = event.recorded
    return envelope
