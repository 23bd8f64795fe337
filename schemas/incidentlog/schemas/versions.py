"""Versions: whole sets of projections beside each other, and the record that says which one is live.

The topic `incidentlog.versions` has one partition and is compacted. Its key `live` names the live version: one record there
switches estimates and all roll-ups together. Every other key is a version that workers keep; its tombstone retires it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import orjson

from incidentlog.schemas.errors import DecodeError, IncidentlogError
from incidentlog.schemas.quoting import shown

#: Live until another version is promoted.
FIRST = "v1"
#: The key of the record that is a promotion.
LIVE = b"live"
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")


class BadVersionName(IncidentlogError):
    """`name` can't be part of a topic's name, or means something else already."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{shown(name)} is no name for a version: use a few small letters and digits, such as v2")


def checked(name: str) -> str:
    """The name of a version, if it is one."""
    if not _NAME.fullmatch(name) or name == LIVE.decode():
        raise BadVersionName(name)
    return name


@dataclass(frozen=True, slots=True)
class Kept:
    """What the workers of a version must agree on: folds end with the day `as_of` and know what was recorded by `known_at`
    (RFC 3339, UTC); "" is no limit."""

    as_of: str = ""
    known_at: str = ""

    @property
    def until(self) -> int:
        """`as_of` as the folds take it: the ordinal of a day, 0 for no limit."""
        return date.fromisoformat(self.as_of).toordinal() if self.as_of else 0


NO_LIMITS = Kept()


def encode_kept(kept: Kept) -> bytes:
    """The value that has a version kept."""
    return orjson.dumps(kept)


def decode_kept(value: bytes) -> Kept:
    """How a version is kept."""
    try:
        return Kept(**orjson.loads(value))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise DecodeError("invalid_version", f"{value[:80]!r} says not how to keep a version") from error


def encode_live(version: str) -> bytes:
    """The value that makes a version live."""
    return orjson.dumps({"version": checked(version)})


def decode_live(value: bytes) -> str:
    """The version that a record makes live."""
    try:
        return checked(orjson.loads(value)["version"])
    except (orjson.JSONDecodeError, KeyError, TypeError, BadVersionName) as error:
        raise DecodeError("invalid_version", f"{value[:80]!r} names no version") from error
