"""The events that everyone reads: claims of rescues over so many keys, as this program publishes them, and their true sums."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from incidentlog.bench.wording import Claim, countries, told

_DAYS = [f"2022-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
_OFFICES = 6


class Source(NamedTuple):
    """A topic full of events: how many, and what their numbers come to for each key."""

    topic: str
    events: int
    sums: dict[bytes, int]


class Event(NamedTuple):
    """Key, value, and the number inside."""

    key: bytes
    value: bytes
    number: int


def events(count: int, keys: int, seed: int = 1) -> Iterator[Event]:
    """So many claims over so many keys, one number each; the same for the same seed."""
    rng = random.Random(f"sums {seed}")  # noqa: S311 - no secrets here
    nationalities = countries()
    for number in range(count):
        day = rng.randrange(7, len(_DAYS))
        found = rng.randrange(1, 200)
        claim = Claim(
            rng.randrange(_OFFICES), "increment", _DAYS[day - 7], _DAYS[day], _DAYS[day], found, 1.0, "", number
        )
        ref, source = f"G{number}", f"https://example.org/{number // 7}"
        name = sha256(f"{source}\n{ref}".encode()).hexdigest()[:32]
        spot = rng.randrange(keys)
        nationality, host = nationalities[spot % len(nationalities)], nationalities[spot // len(nationalities)]
        _, key, value = told("rescued", nationality, host, name, source, ref, claim)
        yield Event(key, value, found)


def sums(of: Iterator[Event]) -> dict[bytes, int]:
    """What the numbers come to for each key."""
    totals: Counter[bytes] = Counter()
    for event in of:
        totals[event.key] += event.number
    return dict(totals)
