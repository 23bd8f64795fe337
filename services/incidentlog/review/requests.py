"""What a reviewer may ask for. Every request says who (an office or a role, never a person) and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from incidentlog.schemas.about import Reason
from incidentlog.schemas.claims import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """By which office or role, and why."""

    by: str
    reason: Reason = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfWordings(Request):
    """What may also be asked for all `wordings` of the claim's statement: one utterance, as several outlets print it."""

    wordings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeIt(OfWordings):
    """Say how sure the claim is."""

    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractIt(OfWordings):
    """Let the claim no longer count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactIt(OfWordings):
    """Erase the claim's paraphrase for good; the claim still counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectIt(Request):
    """Give the claim other content.

    `changes` are the fields that differ, as in the event's JSON, each whole; a `quantity` may be a phrase ("about 600"), and
    None takes an optional field away. `published` (EDTF) is when the correction appeared, unless that is when the claim did;
    `note` is its paraphrase.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    published: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoIt(Request):
    """Take back the last event about the claim that holds, or the event about a claim that was named itself."""

    reason: Reason = "undo"
