"""Changes of JSON Schemas as somebody might make them: those that take something back, and those that only add."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

Schema = dict[str, Any]
Edit = Callable[[Schema], bool]


class Change(NamedTuple):
    """A changed copy of a document: what was done, and to which schema in it."""

    what: str
    where: str
    document: Schema


def _narrow_enum(schema: Schema) -> bool:
    return len(schema.get("enum", ())) > 1 and bool(schema["enum"].pop())


def _drop_field(schema: Schema) -> bool:
    return bool(schema.get("properties")) and bool(schema["properties"].popitem())


def _require_new(schema: Schema) -> bool:
    if "properties" not in schema:
        return False
    schema["properties"]["new_field"] = {"type": "string"}
    schema["required"] = [*schema.get("required", ()), "new_field"]
    return True


def _require_old(schema: Schema) -> bool:
    optional = sorted(schema.get("properties", {}).keys() - set(schema.get("required", ())))
    if optional:
        schema["required"] = [*schema.get("required", ()), optional[0]]
    return bool(optional)


def _other_type(schema: Schema) -> bool:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        schema["type"] = "boolean" if schema["type"] != "boolean" else "integer"
        return True
    return False


def _no_null(schema: Schema) -> bool:
    branches = schema.get("anyOf", [])
    if len(branches) > 1 and {"type": "null"} in branches:
        branches.remove({"type": "null"})
        return True
    return False


def _bound(keyword: str, kinds: tuple[str, ...], step: int, first: int) -> Edit:
    def edit(schema: Schema) -> bool:
        if schema.get("type") not in kinds or "enum" in schema:
            return False
        schema[keyword] = schema[keyword] + step if keyword in schema else first
        return True

    return edit


def _pattern(schema: Schema) -> bool:
    if schema.get("type") != "string" or "enum" in schema:
        return False
    schema["pattern"] = "^[xyz]$"
    return True


def _format(schema: Schema) -> bool:
    if schema.get("type") != "string" or "enum" in schema:
        return False
    schema["format"] = "email"
    return True


def _other_default(schema: Schema) -> bool:
    for each in schema.get("properties", {}).values():
        if "default" in each:
            each["default"] = "something else"
            return True
    return False


def _constant(schema: Schema) -> bool:
    if schema.get("type") != "string" or "enum" in schema or "const" in schema:
        return False
    schema["const"] = "x"
    return True


#: Each makes one schema refuse what it took, or mean something else; False where it does not apply.
BREAKING: dict[str, Edit] = {
    "a field removed": _drop_field,
    "a new field required": _require_new,
    "an old field required": _require_old,
    "another type": _other_type,
    "null no longer": _no_null,
    "an enum narrowed": _narrow_enum,
    "a constant": _constant,
    "a text shortened": _bound("maxLength", ("string",), -1, 3),
    "a text lengthened": _bound("minLength", ("string",), 1, 1),
    "a number capped": _bound("maximum", ("integer", "number"), -1, 100),
    "a number raised": _bound("minimum", ("integer", "number"), 1, 1),
    "a list shortened": _bound("maxItems", ("array",), -1, 3),
    "a list lengthened": _bound("minItems", ("array",), 1, 1),
    "another pattern": _pattern,
    "a format": _format,
    "another default": _other_default,
}


def _new_field(schema: Schema) -> bool:
    if "properties" not in schema:
        return False
    schema["properties"]["new_field"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    return True


def _wider_enum(schema: Schema) -> bool:
    return "enum" in schema and schema["enum"].append("something_new") is None


def _optional(schema: Schema) -> bool:
    return bool(schema.get("required")) and bool(schema["required"].pop())


def _or_null(schema: Schema) -> bool:
    if "anyOf" not in schema:
        return False
    schema["anyOf"].append({"type": "array", "items": {"type": "null"}})
    return True


def _unbound(*keywords: str) -> Edit:
    def edit(schema: Schema) -> bool:
        return [schema.pop(each, None) for each in keywords if each in schema] != []

    return edit


def _words(schema: Schema) -> bool:
    schema["description"] = "Said in other words."
    return "properties" in schema


#: Each takes no less than before; False where it does not apply.
ADDING: dict[str, Edit] = {
    "a new field": _new_field,
    "an enum widened": _wider_enum,
    "a field optional": _optional,
    "one more alternative": _or_null,
    "a bound lifted": _unbound("maxLength", "maxItems", "maximum"),
    "a lower bound lifted": _unbound("minLength", "minItems", "minimum"),
    "a pattern lifted": _unbound("pattern"),
    "a format lifted": _unbound("format"),
    "other words": _words,
}


def changes(document: Schema, edits: dict[str, Edit]) -> Iterator[Change]:
    """Every edit at every schema of a document where it applies, one at a time."""
    text = orjson.dumps(document)
    for path in list(_schemas(document, ())):
        for what, edit in edits.items():
            changed = orjson.loads(text)
            if edit(_at(changed, path)):
                yield Change(what, "/".join(map(str, path)), changed)


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _schemas(schema: Schema, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    for keyword in ("properties", "definitions"):
        for name, each in schema.get(keyword, {}).items():
            yield from _schemas(each, (*path, keyword, name))
    for number, each in enumerate(schema.get("anyOf", ())):
        yield from _schemas(each, (*path, "anyOf", number))
    if "items" in schema:
        yield from _schemas(schema["items"], (*path, "items"))
