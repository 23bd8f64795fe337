"""Tables for spreadsheets and data frames: which columns the rows of a projection and the events have, and what is in them.

Whatever stands in a log can be put into them: a value that is not of its column's kind is left out, not refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from incidentlog.schemas.envelope import parse_type
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.upcasters import upcast

#: `parts` are the contributions of a roll-up; `moment` is a time in UTC.
Kind = Literal["text", "number", "day", "moment", "flag", "list", "parts", "bytes"]
Value = str | bytes | int | bool | date | datetime | Sequence[Any] | None
_LARGEST = 1 << 63


class Column(NamedTuple):
    """A column; `path` leads to its value, by default its name."""

    name: str
    kind: Kind = "text"
    path: tuple[str, ...] = ()


def _columns(kind: Kind, names: str, *inside: str) -> list[Column]:
    return [Column(name, kind, (*inside, name)) for name in names.split()]


_BOUNDS = _columns("number", "low best high")
_CELL = _columns("text", "measure nationality country subdivision")
_ROLLUP = [
    *_columns("text", "projection key"), *_BOUNDS, Column("as_of", "day"), Column("flags", "list"), Column("contributions", "parts"),
]  # fmt: skip
_OTHERS = {
    ESTIMATES: [
        *_columns("text", "projection key"), *_CELL, *_BOUNDS, Column("as_of", "day"), *_columns("list", "flags counted"),
        *_columns("number", "counted_total live withdrawn version"),
    ],
    OFFICIAL_ACTIONS: [
        *_columns("text", "projection key type ref authority relayed_by nationality"), Column("places", "list"),
        *_columns("day", "start end"), Column("edtf"), *_columns("number", "low best high", "quantity"),
        *_columns("text", "qualifier counting_unit stated", "quantity"), Column("addressee"), Column("deadline", "day"),
        Column("published"), Column("embargo_until", "day"), Column("source"),
    ],
}  # fmt: skip
#: A claim, an official action, or an event about one: then `target` is its id or statement key, and what a correction says.
EVENTS: Sequence[Column] = [
    *_columns("text", "id type"), Column("recorded", "moment", ("recordedtime",)), Column("published", "text", ("data", "published", "edtf")),
    Column("source"), Column("ref", "text", ("data", "ref")), *_CELL, *_columns("number", "low best high", "data", "quantity"),
    *_columns("text", "qualifier stated", "data", "quantity"), *_columns("text", "counting_unit kind", "data"),
    *_columns("day", "start end", "data", "window"), Column("edtf", "text", ("data", "window", "edtf")),
    Column("occasion", "day", ("data", "occasion")), Column("authority", "text", ("data", "authority", "id")),
    *_columns("text", "relayed_by grade", "data"), *_columns("flag", "prior_unknown", "data"),
    *_columns("text", "statement_key part_of twin_of replaces", "data"), Column("places", "list"),
    Column("embargo_until", "day", ("data", "embargo_until")), Column("target_type"),
    Column("target"), Column("reason"), Column("decided", "moment"),
]  # fmt: skip


def columns_of(projection: str) -> Sequence[Column]:
    """The columns of a projection's rows; `dead_letters` is not on the log, but whoever reads a row counts them."""
    return [*_OTHERS.get(projection, _ROLLUP), Column("dead_letters", "number")]


def row_values(columns: Sequence[Column], row: Mapping[str, Any]) -> list[Value]:
    """What the columns have of a row; an estimate's key is shown in its parts as well."""
    if row.get("projection") == ESTIMATES:
        row = {**row, **_parts(row["key"])}
    return [_value(column, row) for column in columns]


def event_values(envelope: Mapping[str, Any]) -> list[Value]:
    """What the columns EVENTS have of an event."""
    name, version = parse_type(envelope["type"])
    data = upcast(name, version, envelope["data"])
    told: dict[str, Any] = {**envelope, "type": name, "data": data}
    target = data.get("target")
    if target is not None:
        told["data"] = {"grade": data.get("grade"), "published": data.get("published"), **data.get("content", {})}
        told |= {
            **_parts(target["cell"]), "target_type": target["type"], "target": target.get("id") or target.get("statement_key"),
            "reason": data.get("reason", "other"), "decided": data.get("decided"),
        }  # fmt: skip
    elif "measure" in data:
        told["data"] = {"grade": "firm", "prior_unknown": False, **data}
    told |= _where(told["data"])
    return [_value(column, told) for column in EVENTS]


def _parts(key: str) -> dict[str, str]:
    """`rescued/VNM/KHM` or `arrested/XXX/KHM/KH-12` in its parts."""
    return dict(zip(("measure", "nationality", "country", "subdivision"), key.split("/"), strict=False))


def _where(said: Mapping[str, Any]) -> dict[str, Any]:
    """Whom and where a claim or an official action is about."""
    places = said.get("places")
    found = {
        "measure": said.get("measure"), "nationality": _at(said, ("population", "nationality")) or said.get("nationality"),
        "country": _at(said, ("place", "country")), "subdivision": _at(said, ("place", "subdivision")),
        "places": [_at(place, ("subdivision",)) or _at(place, ("country",)) for place in places] if isinstance(places, list) else None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def _at(told: Any, path: Sequence[str]) -> Any:
    for name in path:
        told = told.get(name) if isinstance(told, Mapping) else None
    return told


def _value(column: Column, told: Mapping[str, Any]) -> Value:
    value = _at(told, column.path or (column.name,))
    match column.kind:
        case "number":
            return value if type(value) is int and -_LARGEST <= value < _LARGEST else None
        case "day":
            return _time(value, date)
        case "moment":
            return _time(value, datetime)
        case "flag":
            return value if isinstance(value, bool) else None
        case "list":
            return [each if isinstance(each, str) else str(each) for each in value] if isinstance(value, list) else None
        case "parts":
            return value if isinstance(value, list) else None
        case "text" | "bytes":
            return value if value is None or isinstance(value, str) else str(value)


def _time(value: Any, kind: type[date]) -> date | None:
    try:
        return kind.fromisoformat(value)
    except (TypeError, ValueError):
        return None
