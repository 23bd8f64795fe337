"""What a version of the contract may still change: it grows, and takes nothing back.

Whatever any schema that was ever published for a version of an event type allowed, that version's schema still allows, and
what was left out still means the same. Rows go the other way: whatever is written today, programs that were made for an
earlier schema can read. Anything else is a new version, with an upcaster from the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from incidentlog.schemas.envelope import VERSIONS
from incidentlog.schemas.errors import DecodeError, IncidentlogError
from incidentlog.schemas.events import EVENT_TYPES
from incidentlog.schemas.json_schema import Schema
from incidentlog.schemas.narrowing import Refusal, refusals
from incidentlog.schemas.record_schemas import READ_BY_OTHERS
from incidentlog.schemas.upcasters import UPCASTERS, Upcaster

_FILE = re.compile(r"(?P<name>.+)\.v(?P<version>[1-9][0-9]*)\.json")


class Release(NamedTuple):
    """A document as it was once published under its file's name, but for its titles and descriptions."""

    file: str
    schema: Schema

    @property
    def name(self) -> str:
        """Of the event type or the kind of record."""
        return self._parts["name"]

    @property
    def version(self) -> int:
        """The major version, which is part of the file's name."""
        return int(self._parts["version"])

    @property
    def _parts(self) -> re.Match[str]:
        found = _FILE.fullmatch(self.file)
        if found is None:
            raise DecodeError("invalid_release", f"{self.file!r} is not a file name such as RescueReported.v1.json")
        return found


class Incompatible(IncidentlogError):
    """A change that readers or stored events would not bear; `problems` are `file: where: what`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        advice = "take it back, or make it a new version of the type, with an upcaster"
        super().__init__("\n".join([*self.problems, advice]))


def remembered(file: str, document: Schema) -> Release:
    """What is remembered of a document."""
    return Release(file, _wordless(document))


def encode_release(released: Release) -> bytes:
    """The line that remembers a release."""
    return orjson.dumps(released._asdict()) + b"\n"


def decode_releases(lines: bytes) -> list[Release]:
    """All releases ever, the oldest first."""
    return [Release(**orjson.loads(line)) for line in lines.splitlines()]


def breaks(
    released: Iterable[Release],
    documents: Mapping[str, Schema],
    versions: Mapping[str, int] = VERSIONS,
    steps: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> list[str]:
    """Everything that `documents` (by file name) take back of what was `released`; empty if they only add to it.

    `versions` are the newest versions of event types, `steps` their upcasters.
    """
    found: dict[str, None] = {}
    for each in released:
        document = documents.get(each.file)
        if document is not None:
            found |= dict.fromkeys(f"{each.file}: {refusal}" for refusal in _taken_back(each, document))
        elif each.version >= versions.get(each.name, 1):
            found[f"{each.file}: is gone"] = None
        elif each.name in EVENT_TYPES and (each.name, each.version) not in steps:
            found[f"{each.file}: events of this version are stored, and no upcaster lifts them"] = None
    return list(found)


def _wordless(schema: Any, *, names: bool = False) -> Any:
    """A schema without what only people read; `names`: its keys are those of fields, not keywords."""
    if isinstance(schema, list):
        return [_wordless(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = schema.items() if names else ((k, v) for k, v in schema.items() if k not in ("title", "description"))
    return {key: _wordless(value, names=not names and key in ("properties", "definitions")) for key, value in kept}


def _taken_back(released: Release, document: Schema) -> list[Refusal]:
    if released.name in READ_BY_OTHERS:
        return refusals(document, released.schema)
    return refusals(released.schema, document)
