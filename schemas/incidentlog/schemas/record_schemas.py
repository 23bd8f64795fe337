"""JSON Schemas of what is on the topics besides events: rows for subscribers, and the records that keep the service going.

Whoever reads rows ignores what it does not know, so that they may gain fields: their objects are open.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from incidentlog.schemas.contributions import BlockContribution, CellContribution
from incidentlog.schemas.dead_letters import Redriven
from incidentlog.schemas.json_schema import REF, Schema, shared
from incidentlog.schemas.paraphrase import LONGEST
from incidentlog.schemas.rows import ActionRow, EstimateRow, RollupRow
from incidentlog.schemas.statements import Content
from incidentlog.schemas.versions import Kept

#: What programs of others read, and rely on.
READ_BY_OTHERS = ("estimate-row", "rollup-row", "action-row", "note", "live-version", "kept-version", "redriven")
_TEXT, _WHOLE = {"type": "string"}, {"type": "integer"}
_LIVE = {
    "title": "Live",
    "description": "Which version is live; under the key `live`.",
    "type": "object",
    "properties": {"version": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_]{0,31}$"}},
    "required": ["version"],
}
_NOTE = {
    "title": "Note",
    "description": "A paraphrase of a claim, under the claim's id. Its tombstone erases it for good.",
    "type": "object",
    "properties": {"note": {"type": "string", "maxLength": LONGEST}},
    "required": ["note"],
}
_STATEMENT = {
    "title": "Statement",
    "description": "One event of a cell's set, under the key `cell#event id`. Only events about claims have a target, a time "
    "and a grade of their own.",
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "verb": {"enum": ["claim", "correction", "retraction", "grading", "redaction"]},
        "recorded": _TEXT,
        "digest": _TEXT,
        "ref": _TEXT,
        "target": _TEXT,
        "time": _TEXT,
        "grade": _WHOLE,
        "content": {
            "description": f"What decides numbers, in this order: {', '.join(Content._fields)}. Days are proleptic ordinals, "
            "0 for no start; null is not quantified for best, open for high.",
            "anyOf": [
                {"type": "array", "items": {"type": ["string", "integer", "boolean", "null"]}, "minItems": len(Content._fields)},
                {"type": "null"},
            ],
        },
        "told": {"description": "What only readers need.", "type": ["object", "null"]},
    },
    "required": ["id", "verb", "recorded", "digest", "ref", "content", "told"],
    "additionalProperties": False,
}  # fmt: skip


class _Written(GenerateJsonSchema):
    """As orjson writes dataclasses: with every field, whether or not it has its default."""

    def field_is_required(self, *_: Any, **__: Any) -> bool:
        return True


def record_documents() -> dict[str, Schema]:
    """The schema of every kind of record that is no event, by file name such as `estimate-row.v1.json`."""
    made = {
        "estimate-row": _of(EstimateRow),
        "rollup-row": _of(RollupRow),
        "action-row": _of(ActionRow),
        "cell-contribution": _of(CellContribution) | {"additionalProperties": False},
        "block-contribution": _block(),
        "statement": _STATEMENT,
        "note": _NOTE,
        "live-version": _LIVE,
        "kept-version": _of(Kept),
        "redriven": _of(Redriven),
    }
    return {
        f"{name}.v1.json": shared(raw, f"urn:incidentlog:schema:{name}:1", name, closed=False)
        for name, raw in made.items()
    }


def _of(kind: Any) -> Schema:
    return TypeAdapter(kind).json_schema(ref_template=REF, mode="serialization", schema_generator=_Written)


def _block() -> Schema:
    """The first line of the record: what follows it on a second line is no part of the JSON."""
    raw = _of(BlockContribution)
    del raw["properties"]["others"]
    raw["required"].remove("others")
    return raw | {"additionalProperties": False}
