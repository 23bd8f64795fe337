"""The JSON Schema of a whole event: the CloudEvents envelope as `codec.decode` takes it, around the data of a type."""

from __future__ import annotations

from incidentlog.schemas.codec import ATTRIBUTES, RECORDED
from incidentlog.schemas.envelope import schema_uri, type_uri
from incidentlog.schemas.json_schema import Schema

EVENT_ID = "^[0-9a-f]{32}$"
#: What keys are, and how they look.
CELL = ("The cell: measure, nationality and host country.", "^[a-z][a-z_]*/[A-Z]{3}/[A-Z]{3}$")
_TEXT: Schema = {"type": "string", "minLength": 1}
_SAID: dict[str, Schema] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "pattern": EVENT_ID, "description": "From the article and the statement's ref."},
    "source": _TEXT | {"description": "The article's address, else `urn:sha256:` and the hash of its text."},
    "partitionkey": {"type": "string", "pattern": CELL[1], "description": "The record's key: the cell."},
    "recordedtime": {"type": "string", "pattern": f"^{RECORDED}$", "description": "When it was first appended."},
}
_REQUIRED = ("specversion", "id", "source", "type", "partitionkey", "data")


def envelope_schema(name: str, version: int, data: Schema) -> Schema:
    """The schema of an event of this type and version, whose data has the schema `data`."""
    own: dict[str, Schema] = {
        "type": {"const": type_uri(name, version)},
        "dataschema": {"description": f"`{schema_uri(name, version)}`."},
        "data": data,
    }
    return {
        "type": "object",
        "properties": {attribute: (_SAID | own).get(attribute, {}) for attribute in sorted(ATTRIBUTES)},
        "required": list(_REQUIRED),
        "additionalProperties": False,
    }
