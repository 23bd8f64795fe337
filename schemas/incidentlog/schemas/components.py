"""The components of an AsyncAPI document: schemas under names of their own, shared where they are the same, and messages."""

from __future__ import annotations

from typing import Any

from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.json_schema import Schema

_DEFINITIONS = "#/definitions/"


class TwoMeanings(IncidentlogError):
    """Two different schemas of one name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} names two schemas that differ; rename one of the models")


def reference(kind: str, name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


class Components:
    """Schemas and messages, each under its name."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self.messages: dict[str, Any] = {}

    def add(self, name: str, document: Schema) -> Schema:
        """A reference to a document's schema; its definitions become components of their own."""
        plain = {key: value for key, value in document.items() if key not in ("$schema", "$id", "definitions")}
        version = name.partition(".")[2].partition(".")[0]
        names = {each: f"{each}.{version}" if version else each for each in document.get("definitions", {})}
        for old, new in names.items():
            self._put(new, _pointed(document["definitions"][old], names))
        self._put(name, _pointed(plain, names))
        return reference("schemas", name)

    def message(
        self,
        name: str,
        told: Schema,
        payload: Schema,
        key: tuple[str, str] | None,
        *,
        headers: Schema | None = None,
        content: str = "application/json",
    ) -> None:
        """A message: what `told` describes, under a key (what it is, its pattern)."""
        message = {"name": name, "summary": told.get("description", ""), "contentType": content, "payload": payload}
        if headers:
            message["headers"] = headers
        if key:
            kafka = {"key": {"type": "string", "description": key[0], "pattern": key[1]}, "bindingVersion": "0.5.0"}
            message["bindings"] = {"kafka": kafka}
        self.messages[name] = message

    def _put(self, name: str, schema: Schema) -> None:
        if self.schemas.setdefault(name, schema) != schema:
            raise TwoMeanings(name)


def _pointed(value: Any, names: dict[str, str]) -> Any:
    """A schema whose references point at components."""
    if isinstance(value, list):
        return [_pointed(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str) and value["$ref"].startswith(_DEFINITIONS):
        return reference("schemas", names[value["$ref"].removeprefix(_DEFINITIONS)])
    return {key: _pointed(each, names) for key, each in value.items()}
