"""Random histories of one cell: claims, echoes, corrections, retractions, undos, gradings, parts, conflicts, copies."""

from __future__ import annotations

import hashlib
import random

from incidentlog.schemas.statements import (
    BY_KEY,
    CLAIM,
    CORRECTION,
    FIRM,
    GRADING,
    OPEN,
    POSSIBLE,
    REDACTION,
    RETRACTION,
    Content,
    Statement,
)

AUTHORITIES = (
    ("vn-mofa", "state", "VNM"),
    ("kh-moi", "state", "KHM"),
    ("kh-police", "state", "KHM"),
    ("un", "intergovernmental", ""),
    ("ngo", "ngo", ""),
    ("cn-embassy", "state", "CHN"),
    ("paper", "media", ""),
)


def make(
    verb: str,
    name: str,
    *,
    content: Content | None = None,
    target: str = "",
    time: str = "",
    grade: int = FIRM,
    recorded: str = "2022-10-01T00:00:00.000000Z",
    ref: str = "",
) -> Statement:
    """A statement whose digest follows from everything but its recorded time."""
    said = repr((verb, name, ref or name, target, time, grade, content)).encode()
    digest = hashlib.sha256(said).hexdigest()
    return Statement(name, verb, recorded, digest, ref or name, target, time, grade, content, None)


FLOWS = ("increment", "cumulative", "cumulative", "planned")
TOTALS = ("cumulative", "cumulative", "cumulative", "increment")


class History:
    """A generator of events about one cell; `days` and `numbers` set how crowded it is.

    `stretch` makes days wider, so that totals lie more than 90 days apart; `kinds` and `authorities` are drawn from.
    """

    def __init__(
        self,
        rng: random.Random,
        *,
        days: int = 30,
        numbers: int = 12,
        stretch: int = 1,
        kinds: tuple[str, ...] = FLOWS,
        authorities: int = len(AUTHORITIES),
    ) -> None:
        self.rng, self.days, self.numbers, self.stretch = rng, days, numbers, stretch
        self.kinds, self.authorities = kinds, authorities
        self.names: list[str] = []
        self.keys: list[str] = []

    def content(self) -> Content:
        """What a random claim says."""
        rng = self.rng
        authority, standing, country = rng.choice(AUTHORITIES[: rng.randint(1, self.authorities)])
        kind = rng.choice(self.kinds if rng.random() < 0.98 else ("stock", "increment"))
        end = rng.randint(1, self.days)
        start = end if kind == "stock" else rng.randint(max(1, end - 6), end)
        if kind == "cumulative":
            start = rng.choice([0, 0, 0, 1, 3, start])
            start = min(start, end)
        low = rng.randint(0, self.numbers)
        high = rng.choice([low, low, low + rng.randint(0, 4), OPEN])
        best = rng.choice([None, low, min(high, low + rng.randint(0, 4))])
        key = rng.choice(self.keys) if self.keys and rng.random() < 0.15 else f"k{rng.randrange(10**6)}"
        self.keys.append(key)
        return Content(
            statement_key=key,
            authority=authority,
            standing=standing,
            country=country,
            subdivision=rng.choice(["", "", "", "", "KH-12", "KH-18"]),
            kind=kind,
            start=start * self.stretch,
            end=end * self.stretch,
            low=low,
            best=best,
            high=high,
            grade=rng.choice([FIRM, FIRM, FIRM, FIRM, 1, POSSIBLE]),
            prior_unknown=rng.random() < 0.08,
            part_of=rng.choice(self.names) if self.names and rng.random() < 0.15 else "",
            published=f"2022-09-{rng.randint(1, 9):02}",
        )

    def next(self) -> Statement:
        """The next event."""
        rng = self.rng
        recorded = f"2022-10-{rng.randint(1, 9):02}T00:00:00.000000Z"
        name = f"c{rng.randrange(10**6)}"
        verb = rng.choices([CLAIM, CORRECTION, RETRACTION, GRADING, REDACTION], [70, 9, 12, 7, 2])[0]
        if self.names and rng.random() < 0.03:
            name = rng.choice(self.names)
        content = self.content() if verb in (CLAIM, CORRECTION) else None
        target = "" if verb == CLAIM else self.target()
        self.names.append(name)
        time = f"2022-11-{rng.randint(1, 5):02}"
        return make(verb, name, content=content, target=target, time=time, grade=rng.randrange(3), recorded=recorded)

    def target(self) -> str:
        """A claim, an event, a statement key, or something never seen."""
        rng = self.rng
        if self.keys and rng.random() < 0.2:
            return BY_KEY + rng.choice(self.keys)
        if self.names and rng.random() < 0.95:
            return rng.choice(self.names[-12:])
        return f"c{rng.randrange(10**6)}"

    def events(self, count: int) -> list[Statement]:
        """So many events, with copies of some mixed in, in random order."""
        events = [self.next() for _ in range(count)]
        later = [e._replace(recorded="2022-10-05T00:00:00.000000Z") for e in self.rng.sample(events, count // 6)]
        events += later + self.rng.sample(events, count // 6)
        self.rng.shuffle(events)
        return events


def history(seed: int) -> tuple[random.Random, list[Statement]]:
    """One of many small random histories, unlike each other."""
    rng = random.Random(seed)
    days, numbers = rng.choice([4, 12, 40]), rng.choice([3, 12, 200])
    kind = rng.random()
    if kind < 0.3:  # one authority's totals, over and over: what step 4 is about
        source = History(rng, days=days, numbers=numbers, stretch=rng.choice([7, 30]), kinds=TOTALS, authorities=1)
    else:
        kinds = ("stock",) if kind < 0.4 else FLOWS
        source = History(rng, days=days, numbers=numbers, stretch=rng.choice([1, 1, 3, 17]), kinds=kinds)
    return rng, source.events(rng.choice([2, 5, 12, 30]))
