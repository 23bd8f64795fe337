"""What the client's tests publish: invented claims, each test's with an article of its own."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import uuid4

from incidentlog.schemas.about import ABOUT_TYPES
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.claims import CLAIM_TYPES
from incidentlog.schemas.events import Event, about, claimed
from support.examples import about_data, action_data, claim_data

_NUMBERS = count(1)


def article() -> str:
    """The identity of an article nobody else has published."""
    return f"https://example.org/{uuid4().hex}"


def rescue(
    source: str, ref: str | None = None, *, nationality: str = "VNM", country: str = "KHM", **fields: Any
) -> Event:
    """A rescue claim; `fields` replace whole fields of its content."""
    population, place = {"nationality": nationality}, {"country": country}
    data = claim_data("RescueReported") | {
        "ref": ref or f"P-{next(_NUMBERS)}",
        "population": population,
        "place": place,
        **fields,
    }
    return claimed(source, CLAIM_TYPES["RescueReported"].model_validate(data))


def briefing(source: str, ref: str = "P-1", **fields: Any) -> Event:
    """An official action."""
    return claimed(source, ACTION_TYPES["BriefingHeld"].model_validate(action_data() | {"ref": ref, **fields}))


def on(event: Event, event_type: str, *, by_key: bool = False, **target: Any) -> Event:
    """A retraction, grading or redaction of `event`; `target` replaces parts of what it names."""
    named = {"statement_key": event.data.statement_key} if by_key else {"id": event.id}  # type: ignore[union-attr]
    data = about_data(event_type) | {"target": {"type": event.type, "cell": str(event.cell), **named} | target}
    return about(event.source, ABOUT_TYPES[event_type].model_validate(data))
