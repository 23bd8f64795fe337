"""Whether a sheet has the shape its JSON Schema asks for; what is not right is said in the sheet's own words."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple, cast

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from incidentlog.sheets.document import Document, Path

_KINDS = {
    "string": "text", "integer": "a whole number", "boolean": "true or false", "object": "a block of fields",
    "array": "a list", "null": "nothing",
}  # fmt: skip
_HINTS = {
    "sha256": "write the 64 digits that `incidentlog sheet locate ARTICLE PHRASE` prints",
    "ref": "write a label such as S2-03: letters, digits and . _ : -",
    "address": "write the whole address, beginning with https:// and without a #fragment",
    "said_on": "write a day such as 2022-09-06",
    "deadline": "write a day such as 2022-09-24",
    "embargo_until": "write a day such as 2022-12-31",
    "evidence": "write pairs of characters such as [[120, 168]]",
    "quantity": "write for example about 600, more than 1,000, dozens, or {low: 0, high: 94}",
    "published": "write for example 2022-09-22, or {when: 2022-09-22, inferred: true}",
    "also": "give it at least one statement, or leave it out",
    "in": "write for example KHM or KH-12",
}
#: What people write for a field of a statement, and which one it is.
_MEANT = {
    "place": "in", "where": "in", "location": "in", "country": "in", "nationality": "of", "who": "of", "count": "quantity",
    "number": "quantity", "amount": "quantity", "measure": "reports", "type": "reports", "action": "did", "date": "on",
    "day": "on", "when": "on", "from": "since", "by": "authority", "office": "authority", "source": "authority",
    "id": "ref", "among": "part_of",
}  # fmt: skip


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a sheet, as editors use it."""
    loaded: dict[str, Any] = orjson.loads(files("incidentlog.sheets").joinpath("sheet.schema.json").read_bytes())
    return loaded


class _Broken(NamedTuple):
    """One rule of the schema that a value breaks: the keyword, what it allows, the value, the schema it stands in."""

    rule: str
    allowed: Any
    value: Any
    around: dict[str, Any]
    path: Path


def check(document: Document) -> None:
    """Report everything in `document` that breaks the schema."""
    for error in Draft202012Validator(schema()).iter_errors(document.data):
        for each in _nearer(error):
            rule, around, path = str(each.validator), cast("dict[str, Any]", each.schema), tuple(each.absolute_path)
            _report(document, _Broken(rule, each.validator_value, each.instance, around, path))


def _nearer(error: ValidationError) -> Iterator[ValidationError]:
    """What is wrong inside a block that could also be written as text: its fields, not that it is no text."""
    inside = [
        each for each in error.context or () if each.absolute_path != error.absolute_path or each.validator != "type"
    ]
    if error.validator == "anyOf" and isinstance(error.instance, dict) and inside:
        for each in inside:
            yield from _nearer(each)
    else:
        yield error


def _report(document: Document, broken: _Broken) -> None:
    known = broken.around.get("properties", {})
    if broken.rule == "additionalProperties":
        for name in broken.value:
            if name not in known:
                document.report((*broken.path, name), name, "is not a field here", _nearest(name, known))
    elif broken.rule == "required":
        for name in broken.allowed:
            # jsonschema tells of each missing field apart, each time with all that are required
            if name not in broken.value:
                document.report(broken.path, name, "is missing", _hint(name, known[name]))
    else:
        name = next((str(part) for part in reversed(broken.path) if isinstance(part, str)), "")
        document.report(broken.path, name, _problem(broken), _advice(name, broken))


def _nearest(name: str, known: dict[str, Any]) -> str:
    if _MEANT.get(name) in known:
        return f"did you mean {_MEANT[name]}?"
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"the fields are {', '.join(known)}"


def _problem(broken: _Broken) -> str:
    if broken.rule == "enum":
        return f"{shown(broken.value)} is not one of its words"
    if broken.rule == "maxLength":
        return f"has {len(broken.value)} characters, more than {broken.allowed}"
    if broken.rule in ("minItems", "maxItems"):
        return f"has {len(broken.value)} entries"
    if broken.rule == "type" or isinstance(broken.value, dict | list | bool | None):
        return f"cannot be {_kind(broken.value)}"
    return f"cannot be {shown(broken.value)}"


def _advice(name: str, broken: _Broken) -> str:
    if broken.rule == "enum":
        near = get_close_matches(str(broken.value), broken.allowed, n=1, cutoff=0.6)
        return f"did you mean {near[0]}?" if near else f"choose from {', '.join(broken.allowed)}"
    if broken.rule == "type" and name not in _HINTS:
        kinds = broken.allowed if isinstance(broken.allowed, list) else [broken.allowed]
        return f"write {' or '.join(_KINDS[kind] for kind in kinds if kind != 'null')}"
    if broken.rule == "maxLength":
        return "shorten it"
    if broken.path[:1] == ("other_articles",):
        return "write the article's address, or urn:sha256: and the hash of its text"
    return _hint(name, broken.around)


def _hint(name: str, field: dict[str, Any]) -> str:
    if name in _HINTS:
        return _HINTS[name]
    while "$ref" in field and "description" not in field:
        field = schema()["definitions"][str(field["$ref"]).rpartition("/")[2]]
    description = str(field.get("description", ""))
    return description[:1].lower() + description[1:].rstrip(".") if description else ""


def _kind(value: object) -> str:
    kinds = {bool: "boolean", int: "integer", str: "string", dict: "object", list: "array", type(None): "null"}
    return _KINDS[kinds[type(value)]]


def shown(value: object) -> str:
    """`value` as a message quotes it: short and on one line."""
    text = " ".join(str(value).split())
    return f'"{text[:57]}..."' if len(text) > 60 else f'"{text}"'
