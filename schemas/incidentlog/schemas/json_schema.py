"""JSON Schemas of the events' data, one document per type and version, that mean the same under two dialects.

They name 2020-12 and use only what draft-07 reads alike, since AsyncAPI asks for that one: definitions under
`definitions`, no keyword beside a `$ref`, no `prefixItems`. Every object of an event is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from pydantic import BaseModel

from incidentlog.schemas import edtf, iso
from incidentlog.schemas.envelope import VERSIONS, schema_uri
from incidentlog.schemas.errors import IncidentlogError, InvalidValue
from incidentlog.schemas.events import EVENT_TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Where pydantic is to point at definitions.
REF = "#/definitions/{model}"
#: Keywords of both dialects whose values hold no schema.
_PLAIN = frozenset({
    "type", "enum", "const", "title", "description", "default", "examples", "format", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems",
    "minProperties", "maxProperties", "required",
})  # fmt: skip
_LISTS, _MAPS = frozenset({"anyOf", "oneOf", "allOf"}), frozenset({"properties", "definitions"})
Schema = dict[str, Any]


class UnsharedKeyword(IncidentlogError):
    """A model whose schema would not mean the same under both dialects, or is open; `where` points into it."""

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"{where}: {problem}; change the model")


def document(model: type[BaseModel], uri: str) -> Schema:
    """The schema of `model` under the `$id` `uri`, in the keywords both dialects share; UnsharedKeyword if it has others."""
    return shared(model.model_json_schema(ref_template=REF), uri, model.__name__)


def shared(raw: Schema, uri: str, name: str, *, closed: bool = True) -> Schema:
    """A schema as pydantic writes it, of something called `name`, as a document; not `closed`: its objects may be open."""
    if "$defs" in raw:
        raw["definitions"] = raw.pop("$defs")
    return {"$schema": DIALECT, "$id": uri, **_shared(raw, name, closed=closed)}


def documents() -> dict[str, Schema]:
    """The newest schema of every event type, by file name such as `RescueReported.v1.json`."""
    return {
        f"{name}.v{VERSIONS.get(name, 1)}.json": document(model, schema_uri(name))
        for name, model in EVENT_TYPES.items()
    }


def text(schema: Schema) -> bytes:
    """A document as its published file holds it."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _shared(schema: Schema, where: str, *, closed: bool) -> Schema:
    if closed and "properties" in schema and schema.get("additionalProperties") is not False:
        raise UnsharedKeyword(where, "the object is open")
    if "$ref" in schema and len(schema) > 1:
        beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
        return {**_shared(beside, where, closed=closed), "allOf": [{"$ref": schema["$ref"]}]}
    alike: Schema = {}
    for keyword, value in schema.items():
        here = f"{where}/{keyword}"
        if keyword in _PLAIN or keyword == "$ref" or (keyword == "additionalProperties" and isinstance(value, bool)):
            alike[keyword] = value
        elif keyword in _LISTS:
            alike[keyword] = [_shared(each, here, closed=closed) for each in value]
        elif keyword in _MAPS:
            alike[keyword] = {name: _shared(each, f"{here}/{name}", closed=closed) for name, each in value.items()}
        elif keyword in ("items", "additionalProperties", "propertyNames"):
            alike[keyword] = _shared(value, here, closed=closed)
        elif keyword == "prefixItems":
            alike["items"] = _shared(_only(schema, here), here, closed=closed)
        else:
            raise UnsharedKeyword(here, "the dialects do not share this keyword")
    return alike


def _only(schema: Schema, where: str) -> Schema:
    """The one schema of a tuple's items: only a tuple of like items is the same as an array of fixed length."""
    first: Schema = schema["prefixItems"][0]
    length = len(schema["prefixItems"])
    if any(each != first for each in schema["prefixItems"]) or not schema["minItems"] == schema["maxItems"] == length:
        raise UnsharedKeyword(where, "a tuple of unlike items")
    return first


def _is_edtf(value: str) -> bool:
    try:
        edtf.last_moment(value)
    except InvalidValue:
        return False
    return True


#: Checks of the formats that are our own, for a validator's format checker.
FORMATS: dict[str, Callable[[str], bool]] = {
    "edtf": _is_edtf,
    "iso3166-1-alpha3x": iso.is_nationality,
    "iso3166-2": iso.is_subdivision,
}
