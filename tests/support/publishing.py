"""What the client's tests publish: invented claims, each test's with an article of its own."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from incidentlog.schemas.about import ABOUT_TYPES
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.claims import CLAIM_TYPES
from incidentlog.schemas.codec import encode
from incidentlog.schemas.events import Event, about, claimed
from support.examples import about_data, action_data, claim_data
from support.generate import Produced

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


def many(count: int, seed: int) -> list[Event]:
    """Rescue claims that any publisher takes, over some fifty cells; one in ten repeats another's statement."""
    rng = random.Random(f"many {seed}")
    codes, places = (
        ("VNM", "CHN", "IND", "MYS", "PHL", "THA", "IDN", "KEN", "UGA", "NPL"),
        ("KHM", "MMR", "LAO", "PHL", "ARE"),
    )
    events: list[Event] = []
    for number in range(count):
        nationality, country, low = rng.choice(codes), rng.choice(places), rng.randrange(2, 400)
        day = date(2022, 1, 1) + timedelta(days=rng.randrange(700))
        key = f"VN-MOFA|{nationality}|{country}|{number - (rng.random() < 0.1)}"
        events.append(
            rescue(
                f"https://example.org/many/{seed}/{number // 7}",
                f"M-{number}",
                nationality=nationality,
                country=country,
                occasion=str(day),
                statement_key=key,
                quantity={"low": low, "best": low, "high": low + low // 10, "qualifier": "about", "stated": str(low)},
                kind=rng.choice(("increment", "cumulative")),
                window={"edtf": f"{day}/{day}", "start": str(day), "end": str(day)},
                published={"edtf": str(day)},
                grade=rng.choice(("firm", "probable")),
                part_of=None,
                related=[],
                prior_unknown=False,
                embargo_until=None,
            )
        )
    return events


def recorded(event: Event) -> Produced:
    """An event as it lies in the log."""
    stamped = Event(event.id, event.source, event.data, "2023-01-01T00:00:00.000000Z")
    return Produced(event.home, str(event.cell).encode(), encode(stamped))
