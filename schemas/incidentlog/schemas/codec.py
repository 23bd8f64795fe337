"""Bytes to events and back: validated, for the edges. Workers read their own log through `records` instead."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from incidentlog.schemas.context import checking
from incidentlog.schemas.envelope import parse_type, wrap
from incidentlog.schemas.errors import DecodeError, UnknownEventType
from incidentlog.schemas.events import EVENT_TYPES, Event, claim_id
from incidentlog.schemas.quoting import brief
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.upcasters import upcast

#: Attributes an envelope may have: CloudEvents' own and the documented extensions we use.
ATTRIBUTES = frozenset({
    "specversion", "id", "source", "type", "datacontenttype", "dataschema", "subject", "time", "data", "partitionkey",
    "correlationid", "causationid", "dataclassification", "datacategory", "dataref", "recordedtime", "traceparent",
    "tracestate",
})  # fmt: skip
RECORDED = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
_RECORDED = re.compile(RECORDED)
#: Findings that are told of one event.
_TOLD = 20


def encode(event: Event) -> bytes:
    """The event as a structured CloudEvent in JSON."""
    return orjson.dumps(wrap(event))


def decode(raw: bytes, registers: Registers | None = None) -> Event:
    """The event in `raw`, lifted to the newest version; with `registers`, its offices and measures are checked too.

    DecodeError otherwise; its `reason` is one of invalid_json, not_an_event, unknown_type, unknown_version, invalid_event.
    """
    return decode_object(_loaded(raw), registers)


def decode_object(found: object, registers: Registers | None = None) -> Event:
    """The event in what was read from JSON; as `decode`."""
    envelope = _envelope(found)
    name, version = parse_type(envelope["type"])
    model = EVENT_TYPES.get(name)
    if model is None:
        raise UnknownEventType(name)
    raw_data = envelope.get("data")
    if not isinstance(raw_data, dict):
        raise DecodeError("invalid_event", "data: must be an object", name)
    try:
        data = model.model_validate(upcast(name, version, raw_data), context=checking(registers) if registers else None)
    except ValidationError as error:
        raise DecodeError("invalid_event", problems(error), name) from error
    _check_recorded(envelope, name)
    event = Event(envelope["id"], envelope["source"], data, envelope.get("recordedtime"))
    _check_identity(event, envelope)
    return event


def parse(raw: bytes) -> dict[str, Any]:
    """The envelope in `raw`, its required attributes there and of the right kind; DecodeError otherwise."""
    return _envelope(_loaded(raw))


def _loaded(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise DecodeError("invalid_json", str(error)) from error


def _envelope(envelope: object) -> dict[str, Any]:
    if not isinstance(envelope, dict) or envelope.get("specversion") != "1.0":
        raise DecodeError("not_an_event", 'not a CloudEvent 1.0: an object with specversion "1.0" is expected')
    for attribute in ("id", "source", "type"):
        if not isinstance(envelope.get(attribute), str) or not envelope[attribute]:
            raise DecodeError("not_an_event", f"{attribute}: a CloudEvent needs this text")
    unknown = sorted(envelope.keys() - ATTRIBUTES)
    if unknown:
        raise DecodeError("invalid_event", f"{brief(unknown[0])}: no such attribute", brief(envelope["type"]))
    return envelope


def _check_identity(event: Event, envelope: dict[str, Any]) -> None:
    ref = getattr(event.data, "ref", None)
    if ref is not None and event.id != claim_id(event.source, ref):
        raise DecodeError(
            "invalid_event", f"id: of {brief(event.source)} and {ref} is {claim_id(event.source, ref)}", event.type
        )
    if len(event.id) != 32 or not all(c in "0123456789abcdef" for c in event.id):
        raise DecodeError("invalid_event", "id: 32 hexadecimal digits are expected", event.type)
    if envelope.get("partitionkey") != str(event.cell):
        raise DecodeError("invalid_event", f"partitionkey: must be the cell, {event.cell}", event.type)


def _check_recorded(envelope: dict[str, Any], name: str) -> None:
    recorded = envelope.get("recordedtime")
    if recorded is None:
        return
    if isinstance(recorded, str) and _RECORDED.fullmatch(recorded):
        try:
            datetime.fromisoformat(recorded)
        except ValueError:
            pass
        else:
            return
    raise DecodeError(
        "invalid_event", "recordedtime: must be UTC with six decimals, as 2022-09-22T10:00:00.000000Z", name
    )


def problems(error: ValidationError) -> str:
    """`field: problem` of each finding, joined by semicolons, in our words rather than pydantic's layout."""
    found = []
    every = error.errors(include_url=False, include_context=False, include_input=False)
    for each in every[:_TOLD]:
        where = ".".join(brief(str(part)) for part in each["loc"])
        message = each["msg"].removeprefix("Value error, ")
        found.append(f"{where}: {message}" if where else message)
    if len(every) > _TOLD:
        found.append(f"and {len(every) - _TOLD} more")
    return "; ".join(found)
