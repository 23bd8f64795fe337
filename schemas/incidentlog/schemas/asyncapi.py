"""The AsyncAPI 3 document: every topic with its key, partitions and settings, what is on it, and who sends and receives it.

Made from the models and from `topics` and `roles`, so that it can't say anything else. Schemas are those of
`json_schema`, in the keywords that AsyncAPI's own dialect shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from incidentlog.schemas.about import ABOUT_TYPES
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.claims import CLAIM_TYPES
from incidentlog.schemas.compatibility import Release
from incidentlog.schemas.components import Components, reference
from incidentlog.schemas.dead_letters import HEADERS, REASONS
from incidentlog.schemas.envelope import CONTENT_TYPE
from incidentlog.schemas.envelope_schema import CELL, EVENT_ID, envelope_schema
from incidentlog.schemas.events import EVENT_TYPES
from incidentlog.schemas.json_schema import Schema
from incidentlog.schemas.roles import Role, roles
from incidentlog.schemas.topics import OFFICIAL_ACTIONS, ROLLUPS, Topic, Topics

VERSION = "1.0.0"
_BINDING = {"bindingVersion": "0.5.0"}
_WHOLE = ("retention.ms", "retention.bytes", "max.message.bytes", "segment.bytes")
_TRACE = {
    "traceparent": {
        "type": "string",
        "description": "W3C trace context; only on what is traced",
        "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
    },
}
#: Records that carry the trace of the event they come of.
_TRACED = ("estimate-row", "action-row", "rollup-row", "cell-contribution", "block-contribution")
_EVENT_HEADERS = {
    "type": "object",
    "properties": {"content-type": {"const": CONTENT_TYPE}, **_TRACE},
    "required": ["content-type"],
}
_LETTER_HEADERS = {
    "type": "object",
    "properties": {
        name: {"type": "string", "description": says, **({"enum": list(REASONS)} if name == "reason" else {})}
        for name, says in HEADERS.items()
    },
    "required": [name for name in HEADERS if name != "cut"],
}
_KEYS = {
    "estimate-row": ("Key of the row: the cell, or the cell and a subdivision.", r"^[a-z_]+/[A-Z]{3}/[A-Z]{3}(/[A-Z0-9-]+)?$"),
    "rollup-row": ("A nationality, a country, a subdivision, or `*` for all.", r"^(\*|[A-Z]{3}|[A-Z]{2}-[A-Z0-9]+)$"),
    "action-row": ("Id of the action's event.", EVENT_ID),
    "statement": ("Cell and event id; of a copy also its digest.", r"^[a-z_]+/[A-Z]{3}/[A-Z]{3}#[0-9a-f]{32}(#[0-9a-f]+)?$"),
    "cell-contribution": ("Roll-up and cell, perhaps with a subdivision.", r"^[a-z-]+\|.+$"),
    "block-contribution": ("Roll-up, cell and number of the block.", r"^[a-z-]+\|.+#[0-9]+$"),
    "note": ("Id of the claim.", EVENT_ID),
    "live-version": ("Always `live`.", "^live$"),
    "kept-version": ("Name of a version.", "^[a-z0-9][a-z0-9_]{0,31}$"),
    "redriven": ("Id of the dead letter.", "^[0-9a-f]{16}$"),
}  # fmt: skip


def asyncapi(documents: Mapping[str, Schema], topics: Topics | None = None) -> dict[str, Any]:
    """The document, from the schemas of all versions of events and records, by file name."""
    topics = topics or Topics()
    components = Components()
    on = _messages(topics, documents, components)
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "incidentlog",
            "version": VERSION,
            "description": "Claims of news reports as events on Kafka, folded into numbers that are always low / best / high. "
            "Addresses are those of an installation with the prefix `incidentlog` and four partitions; delivery is at "
            "least once, and the effect exactly once, since the state is a set of events.",
            "tags": [{"name": role.name, "description": role.does} for role in roles(topics)],
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "127.0.0.1:19092", "protocol": "kafka", "description": "Where `incidentlog up` listens."}},
        "channels": {_id(topic.name, topics): _channel(topic, topics, on[topic.name]) for topic in topics.all()},
        "operations": {name: each for role in roles(topics) for name, each in _operations(role, topics)},
        "components": {"messages": components.messages, "schemas": components.schemas},
    }  # fmt: skip


def _messages(topics: Topics, documents: Mapping[str, Schema], components: Components) -> dict[str, list[str]]:
    """Names of the messages on every topic; the messages themselves go into the components."""
    by_type: dict[str, list[str]] = {}
    for file, document in documents.items():
        release = Release(file, document)
        if release.name in EVENT_TYPES:
            name = file.removesuffix(".json")
            data = components.add(name, document)
            payload = components.add(f"{name}.event", envelope_schema(release.name, release.version, data))
            components.message(
                name, document, payload, (CELL[0], CELL[1]), headers=_EVENT_HEADERS, content=CONTENT_TYPE
            )
            by_type.setdefault(release.name, []).append(name)
        else:
            payload = components.add(release.name, document)
            headers = {"type": "object", "properties": _TRACE} if release.name in _TRACED else None
            components.message(release.name, document, payload, _KEYS[release.name], headers=headers)
    letter = {"description": "A record that no fold could take, byte for byte; any bytes."}
    components.message("dead-letter", letter, {}, None, headers=_LETTER_HEADERS, content="application/octet-stream")
    about = [name for each in ABOUT_TYPES for name in by_type[each]]
    events = {topics.events(each): [*by_type[each], *about] for each in (*CLAIM_TYPES, *ACTION_TYPES)}
    return events | {
        topics.dead_letters: ["dead-letter"],
        topics.statements: ["statement"],
        topics.contributions: ["cell-contribution", "block-contribution"],
        topics.rows("estimates"): ["estimate-row"],
        topics.rows(OFFICIAL_ACTIONS): ["action-row"],
        **{topics.rows(rollup): ["rollup-row"] for rollup in ROLLUPS},
        topics.notes: ["note"],
        topics.versions: ["live-version", "kept-version"],
        topics.redriven: ["redriven"],
    }


def _id(topic: str, topics: Topics) -> str:
    return topic.removeprefix(topics.prefix + ".").removesuffix("." + topics.version)


def _channel(topic: Topic, topics: Topics, messages: Iterable[str]) -> dict[str, Any]:
    stem = topic.name.removesuffix("." + topics.version)
    settings: dict[str, Any] = {name: int(value) if name in _WHOLE else value for name, value in topic.settings.items()}
    settings["cleanup.policy"] = [topic.settings["cleanup.policy"]]
    channel: dict[str, Any] = {
        "address": topic.name if stem == topic.name else stem + ".{version}",
        "description": "Every record stays." if topic.kind == "stream" else "The newest record of each key stays.",
        "messages": {name: reference("messages", name) for name in messages},
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": settings, **_BINDING}},
    }
    if stem != topic.name:
        says = (
            "Which set of projections: all of its topics carry it, and `incidentlog.versions` says which one is live."
        )
        channel["parameters"] = {"version": {"description": says, "default": topics.version}}
    return channel


def _operations(role: Role, topics: Topics) -> Iterable[tuple[str, dict[str, Any]]]:
    group = {"groupId": {"type": "string", "const": topics.group}} if role.name == "worker" else {}
    for action, names in (("receive", role.reads), ("send", role.writes)):
        for channel in (_id(name, topics) for name in names):
            operation = {
                "action": action,
                "channel": {"$ref": f"#/channels/{channel}"},
                "tags": [{"name": role.name}],
            }
            if group and action == "receive":
                operation["bindings"] = {"kafka": {**group, **_BINDING}}
            yield f"{role.name}.{action}.{channel}", operation
