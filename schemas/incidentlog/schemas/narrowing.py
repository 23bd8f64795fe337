"""Whether one JSON Schema may refuse what another one allows, or take it otherwise, in the keywords `json_schema` lets through.

What equals its default is left out when it is written: with another default, the same data would say something else.

It errs on the side of caution: two patterns that differ, or a union whose branch fits no single branch of the other, count
as refusing even where a closer look would show that they do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

Schema = dict[str, Any]
_ANYTHING: Schema = {}
_ALL = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_PYTHON = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_AS_IT_IS = ("pattern", "format", "multipleOf", "uniqueItems", "propertyNames")


class Refusal(NamedTuple):
    """Where in the data, and what is refused there."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where or 'the whole'}: {self.problem}"


class Document(NamedTuple):
    """A schema, the document in which its references point, and the definition it refers to, if any."""

    schema: Schema
    root: Schema
    name: str = ""

    def at(self, schema: Schema) -> Document:
        """Another schema of the same document, references and `allOf` taken in."""
        flat: Schema = {}
        name = schema.get("$ref", "").removeprefix("#/definitions/")
        for part in (*schema.get("allOf", ()), *([self.root["definitions"][name]] if name else [])):
            flat |= self.at(part).schema
        return Document(
            flat | {key: value for key, value in schema.items() if key not in ("allOf", "$ref")}, self.root, name
        )

    @property
    def branches(self) -> list[Document]:
        """Of a union its branches, each with what stands beside them."""
        beside = {key: value for key, value in self.schema.items() if key not in ("anyOf", "oneOf")}
        either = self.schema.get("anyOf") or self.schema.get("oneOf")
        made = map(self.at, either or ())
        return [Document(beside | each.schema, self.root, each.name) for each in made] if either else [self]

    @property
    def values(self) -> list[Any] | None:
        """The only values there are, if they are listed."""
        return [self.schema["const"]] if "const" in self.schema else self.schema.get("enum")

    @property
    def types(self) -> frozenset[str]:
        """The types that values may have."""
        named = self.schema.get("type")
        if named is None:
            return _ALL if self.values is None else frozenset(_PYTHON[type(value)] for value in self.values)
        types = frozenset([named] if isinstance(named, str) else named)
        return types | {"integer"} if "number" in types else types


def refusals(allowed: Schema, by: Schema) -> list[Refusal]:
    """What document `by` may refuse of what document `allowed` allows; empty if it takes all of it."""
    first, second = (Document({}, root).at(root) for root in (allowed, by))
    return list(dict.fromkeys(_compare(first, second, "", frozenset())))


def _compare(allowed: Document, by: Document, where: str, seen: frozenset[tuple[int, int]]) -> Iterator[Refusal]:
    """Refusals of every branch; `seen` are pairs of properties under way, since definitions may recur."""
    others = by.branches
    for branch in allowed.branches:
        like = [each for each in others if branch.name == each.name != ""] or others
        found = [list(_plain(branch, other, where, seen)) for other in like if branch.types <= other.types] or [
            [Refusal(where, f"no longer may be {_named(branch.types - frozenset().union(*(o.types for o in others)))}")]
        ]
        yield from min(found, key=len)


def _named(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "of all its types at once"


def _plain(allowed: Document, by: Document, where: str, seen: frozenset[tuple[int, int]]) -> Iterator[Refusal]:
    if by.values is not None or allowed.values is not None:
        yield from _listed(allowed, by, where)
        return
    yield from _bounds(allowed.schema, by.schema, where)
    if "array" in allowed.types:
        inner, outer = (each.schema.get("items", _ANYTHING) for each in (allowed, by))
        yield from _inside(allowed, by, (inner, outer), f"{where}[]", seen)
    if "object" in allowed.types:
        yield from _objects(allowed, by, where, seen)


def _listed(allowed: Document, by: Document, where: str) -> Iterator[Refusal]:
    if allowed.values is None:
        yield Refusal(where, "takes only some values now, and took others before")
        return
    for value in allowed.values:
        if not (value in by.values if by.values is not None else _takes(by.schema, value)):
            yield Refusal(where, f"no longer may be {value!r}")


def _takes(schema: Schema, value: Any) -> bool:
    """Whether a schema without listed values takes a single value, as far as texts and numbers go."""
    if isinstance(value, str):
        fits = re.search(schema.get("pattern", ""), value) is not None and "format" not in schema
        return fits and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    return not {*_LEAST, *_MOST, *_AS_IT_IS} & schema.keys()


def _bounds(allowed: Schema, by: Schema, where: str) -> Iterator[Refusal]:
    for keyword in _LEAST:
        if keyword in by and by[keyword] > allowed.get(keyword, float("-inf")):
            yield Refusal(where, f"{keyword} rose to {by[keyword]}")
    for keyword in _MOST:
        if keyword in by and by[keyword] < allowed.get(keyword, float("inf")):
            yield Refusal(where, f"{keyword} fell to {by[keyword]}")
    for keyword in _AS_IT_IS:
        if keyword in by and by[keyword] != allowed.get(keyword):
            yield Refusal(where, f"{keyword} is {by[keyword]!r} now")


def _objects(allowed: Document, by: Document, where: str, seen: frozenset[tuple[int, int]]) -> Iterator[Refusal]:
    before, now = (each.schema.get("properties", {}) for each in (allowed, by))
    others_before, others_now = (each.schema.get("additionalProperties", True) for each in (allowed, by))
    for name in by.schema.get("required", ()):
        if name not in allowed.schema.get("required", ()):
            yield Refusal(_field(where, name), "must be there now, and need not have been before")
    for name, schema in before.items():
        if name in now:
            if "default" in schema and schema["default"] != now[name].get("default", ...):
                yield Refusal(_field(where, name), f"left out meant {schema['default']!r}, and no longer does")
            yield from _inside(allowed, by, (schema, now[name]), _field(where, name), seen)
        elif others_now is False:
            yield Refusal(_field(where, name), "is gone")
        elif isinstance(others_now, dict):
            yield from _inside(allowed, by, (schema, others_now), _field(where, name), seen)
    if others_before is False:
        return
    yield from (Refusal(_field(where, name), "is gone") for name in now if name not in before)
    if others_now is False:
        yield Refusal(where, "takes no other fields any more")
    elif isinstance(others_now, dict):
        inner = others_before if isinstance(others_before, dict) else _ANYTHING
        yield from _inside(allowed, by, (inner, others_now), _field(where, "*"), seen)


def _inside(
    allowed: Document, by: Document, schemas: tuple[Schema, Schema], where: str, seen: frozenset[tuple[int, int]]
) -> Iterator[Refusal]:
    pair = id(schemas[0]), id(schemas[1])
    if pair not in seen:
        yield from _compare(allowed.at(schemas[0]), by.at(schemas[1]), where, seen | {pair})


def _field(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
