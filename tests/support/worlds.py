"""Simulated worlds: people rescued day by day, authorities that each see part of it, and what they truthfully say.

A set of people is a number whose bits are people, so that a union is `|` and a count is `bit_count`.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from incidentlog.schemas.statements import (
    CLAIM,
    CORRECTION,
    FIRM,
    GRADING,
    OPEN,
    POSSIBLE,
    RETRACTION,
    Content,
    Statement,
)

AUTHORITIES = (
    ("vn-mofa", "state", "VNM"),
    ("kh-moi", "state", "KHM"),
    ("kh-police", "state", "KHM"),
    ("un", "intergovernmental", ""),
    ("paper", "media", ""),
)
PLACES = ("", "", "KH-12", "KH-18")
#: A digest need not be one here, only differ.
RECORDED = "2022-10-01T00:00:00.000000Z"


class World(NamedTuple):
    """What was published, and the people its firm claims speak of: in the whole cell and in each subdivision."""

    statements: list[Statement]
    seen: dict[str, int]


class Maker:
    """One random world."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.days = rng.randint(4, 200)
        people = rng.randint(1, 60)
        self.by_place = dict.fromkeys(PLACES, 0)
        self.rescued = [0] * (self.days + 2)
        for person in range(people):
            bit = 1 << person
            self.rescued[rng.randint(1, self.days)] |= bit
            self.by_place[rng.choice(PLACES)] |= bit
        self.by_place[""] = (1 << people) - 1
        for day in range(1, len(self.rescued)):
            self.rescued[day] |= self.rescued[day - 1]
        self.authorities = rng.sample(AUTHORITIES, rng.randint(1, 4))
        self.sees = {a: rng.getrandbits(people) | rng.getrandbits(people) for a, *_ in self.authorities}
        self.statements: list[Statement] = []
        self.seen = dict.fromkeys(PLACES, 0)

    def world(self) -> World:
        """The world after a handful of claims."""
        for _ in range(self.rng.randint(1, 9)):
            self._speak()
        self.rng.shuffle(self.statements)
        return World(self.statements, self.seen)

    def _people(self, authority: str, start: int, end: int, place: str) -> int:
        before = self.rescued[start - 1] if start else 0
        return self.rescued[end] & ~before & self.by_place[place] & self.sees[authority]

    def _speak(self) -> None:
        """A claim with its echoes, parts and second thoughts."""
        rng = self.rng
        authority, standing, country = rng.choice(self.authorities)
        place = rng.choice(PLACES)
        end = rng.randint(1, self.days)
        kind = rng.choice(["increment", "cumulative", "cumulative"])
        start = rng.randint(max(1, end - 9), end) if kind == "increment" else rng.choice([0, 0, 0, min(end, 3)])
        people = self._people(authority, start, end, place)
        said = Content(f"k{len(self.statements)}", authority, standing, country, place, kind, start, end,
                       0, None, 0, FIRM, prior_unknown=kind == "increment" and rng.random() < 0.1, part_of="",
                       published="2022-09-30")  # fmt: skip
        self._see(people, place)
        name = self._publish(self._counted(said, people.bit_count()))
        if rng.random() < 0.3:
            self._publish(self._counted(said, people.bit_count()))
        if rng.random() < 0.3:
            self._part(name, said)
        if rng.random() < 0.3:
            self._doubtful(said)

    def _part(self, name: str, container: Content) -> None:
        """Some of a claim's people, said by the same authority to be part of it."""
        start = self.rng.randint(max(container.start, 1), container.end)
        people = self._people(container.authority, start, container.end, container.subdivision)
        part = container._replace(statement_key=f"{name}-part", kind="increment", start=start, part_of=name,
                                  prior_unknown=False)  # fmt: skip
        self._publish(self._counted(part, people.bit_count()))

    def _doubtful(self, said: Content) -> None:
        """A wrong claim that was then retracted, corrected or graded down."""
        wrong = said.end + 100
        people = self._people(said.authority, said.start, said.end, said.subdivision).bit_count()
        false = said._replace(statement_key=f"false{len(self.statements)}", low=wrong, best=wrong, high=wrong)
        name = self._publish(false)
        verb = self.rng.choice([RETRACTION, CORRECTION, GRADING])
        corrected = self._counted(false, people) if verb == CORRECTION else None
        event = f"about-{name}"
        self.statements.append(
            Statement(event, verb, RECORDED, event, "", name, "2022-10-02", POSSIBLE, corrected, None)
        )

    def _see(self, people: int, place: str) -> None:
        self.seen[""] |= people
        if place:
            self.seen[place] |= people

    def _counted(self, said: Content, count: int) -> Content:
        """A truthful number of people: exact, rounded, at least, or no number at all."""
        n = count + self.rng.choice([0, 0, 1, -1]) * (count // 12)
        low, best, high = self.rng.choice([(count, count, count), (max(0, count - 3), count, OPEN), (0, None, OPEN)])
        if n and -(-9 * n // 10) <= count <= 11 * n // 10:
            low, best, high = self.rng.choice([(low, best, high), (-(-9 * n // 10), n, 11 * n // 10)])
        return said._replace(low=low, best=best, high=high)

    def _publish(self, said: Content) -> str:
        name = f"c{len(self.statements)}-{self.rng.randrange(10**6)}"
        self.statements.append(Statement(name, CLAIM, RECORDED, name, name, "", "", FIRM, said, None))
        return name
