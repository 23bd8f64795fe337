"""The event: one of the types below with its identity, apart from how it is written on the wire."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import orjson

from incidentlog.schemas.about import ABOUT_TYPES, AboutClaims
from incidentlog.schemas.actions import ACTION_TYPES, OfficialAction
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.claims import CLAIM_TYPES, CountedClaim

EventData = CountedClaim | OfficialAction | AboutClaims
#: Every event type by its name.
EVENT_TYPES: dict[str, type[EventData]] = {**CLAIM_TYPES, **ACTION_TYPES, **ABOUT_TYPES}


@dataclass(frozen=True, slots=True)
class Event:
    """A fact in the past tense. `source` is the article's identity (its address, else `urn:sha256:` and the hash of its
    text); `recorded` is when it was first appended, RFC 3339 in UTC with six decimals, None before that."""

    id: str
    source: str
    data: EventData
    recorded: str | None = None

    @property
    def type(self) -> str:
        """Name of the event type, such as RescueReported."""
        return type(self.data).__name__

    @property
    def cell(self) -> Cell:
        """Where the event counts; its text is the record's key."""
        return self.data.cell

    @property
    def home(self) -> str:
        """The claim or action type whose topic carries the event."""
        return self.data.target.type if isinstance(self.data, AboutClaims) else self.type


def claim_id(source: str, ref: str) -> str:
    """Id of a claim or official action: the same statement of the same article always gets the same one."""
    return hashlib.sha256(f"{source}\n{ref}".encode()).hexdigest()[:32]


def claimed(source: str, data: CountedClaim | OfficialAction) -> Event:
    """The event that publishes a claim or an official action of an article."""
    return Event(claim_id(source, data.ref), source, data)


def about(source: str, data: AboutClaims) -> Event:
    """The event about a claim; its id comes from its content, so saying the same twice is one event."""
    content = orjson.dumps([source, type(data).__name__, dump(data)], option=orjson.OPT_SORT_KEYS)
    return Event(hashlib.sha256(content).hexdigest()[:32], source, data)


def dump(data: EventData) -> dict[str, object]:
    """JSON-ready content of an event; what equals its default is left out, null bounds stay."""
    return data.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def digest(data: dict[str, object]) -> str:
    """sha256 of a dumped content, first 32 hex digits: tells two contents under one id apart."""
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def utterance(data: CountedClaim) -> str:
    """The statement key that the content itself implies: who said on which day what about whom, where and since when.

    Outlets and languages that print one utterance arrive at one key; `same_statement` in a sheet copies a key instead.
    """
    since = data.window.start if data.kind != "stock" else None
    return "|".join((data.authority.id, data.occasion.isoformat(), data.measure, data.population.nationality,
                     data.place.subdivision or data.place.country, data.kind, since.isoformat() if since else ".."))  # fmt: skip
