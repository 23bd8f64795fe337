"""The load of the full job: seeded claims about many cells, as news brings them, already bytes.

A story runs through each cell: increments and growing totals by several authorities in the order of days, some of them
late, some repeated by other outlets, some corrected or retracted, some part of a claim about mixed nationalities.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

from incidentlog.bench.wording import MEASURES, MIXED, Claim, Told, about, countries, told

_FIRST_DAY = date(2022, 1, 1)
_REMEMBERED = 3
_OFFICES = 6


@dataclass(frozen=True, slots=True)
class Load:
    """How many events over how many cells, and the shares of what makes them hard.

    `echoes`: repeated by another outlet; `late`: up to `late_days` days behind; `withdrawn`: corrections and retractions,
    as many of each; `parts`: part of a claim about mixed nationalities, in another cell. Cells get claims by Zipf's law
    with the exponent `zipf`, and one of them `hot` more, spread over the whole time.
    """

    events: int
    cells: int
    seed: int = 1
    days: int = 700
    echoes: float = 0.10
    late: float = 0.30
    late_days: int = 12
    withdrawn: float = 0.01
    parts: float = 0.05
    zipf: float = 0.8
    hot: int = 0

    @classmethod
    def of(cls, events: int, **changes: float) -> Load:
        """The usual one: cells grow with events, about 31 to a cell."""
        return replace(cls(events, max(12, events * 32 // 1000)), **changes)  # type: ignore[arg-type]


class Produced(NamedTuple):
    """An event as it goes out: the type whose topic it belongs on, its key and its value."""

    home: str
    key: bytes
    value: bytes


class _Cell:
    """What has been said about one cell."""

    __slots__ = ("host", "measure", "nationality", "recent", "total")

    def __init__(self, measure: str, nationality: str, host: str) -> None:
        self.measure, self.nationality, self.host = measure, nationality, host
        self.total = 0
        self.recent: list[Told] = []


def events(load: Load) -> Iterator[Produced]:
    """The load's events, the same for the same seed; nothing is kept but the newest few claims of each cell."""
    return itertools.islice(_Story(load), load.events + load.hot)


class _Story(Iterator[Produced]):
    def __init__(self, load: Load) -> None:
        self.load, self.number = load, 0
        self.rng = random.Random(f"load {load.seed}")  # noqa: S311 - no secrets here
        self.cells = _cells(load.cells)
        self.hot = self.cells[0]
        self.rng.shuffle(self.cells)
        self.weights = list(itertools.accumulate(1 / (rank + 1) ** load.zipf for rank in range(len(self.cells))))
        self.containers: dict[tuple[str, str], str] = {}
        self.share = load.hot / (load.events + load.hot)
        self.names = [(_FIRST_DAY + timedelta(days=n)).isoformat() for n in range(-60, load.days + 3)]

    def __next__(self) -> Produced:
        self.number += 1
        rng, load = self.rng, self.load
        if self.share and rng.random() < self.share:
            cell = self.hot
        else:
            cell = self.cells[bisect.bisect(self.weights, rng.random() * self.weights[-1])]
        roll = rng.random()
        if cell.recent and roll < load.withdrawn:
            return self._withdrawn(cell, corrected=roll < load.withdrawn / 2)
        if cell.recent and roll < load.withdrawn + load.echoes:
            return self._say(cell, rng.choice(cell.recent).claim)
        return self._say(cell, self._claim(cell))

    def _say(self, cell: _Cell, claim: Claim) -> Produced:
        ref, source = f"G{self.number}", f"https://example.org/{self.number // 7}"
        name = sha256(f"{source}\n{ref}".encode()).hexdigest()[:32]
        self._remember(cell, Told(name, ref, claim))
        home, key, value = told(cell.measure, cell.nationality, cell.host, name, source, ref, claim)
        return Produced(home, key, value)

    def _remember(self, cell: _Cell, said: Told) -> None:
        if cell.nationality == MIXED:
            self.containers[cell.measure, cell.host] = said.id
        if len(cell.recent) < _REMEMBERED:
            cell.recent.append(said)
        else:
            cell.recent[self.number % _REMEMBERED] = said

    def _claim(self, cell: _Cell) -> Claim:
        rng, load = self.rng, self.load
        today = self.number * load.days // (load.events + load.hot + 1)
        behind = rng.randrange(1, load.late_days + 1) if rng.random() < load.late else 0
        found = rng.randrange(1, 60)
        cell.total += found
        kinds = MEASURES[cell.measure][2]
        kind = kinds[rng.random() < 0.5] if len(kinds) > 1 else kinds[0]
        number = found if kind == "increment" else max(1, cell.total * (100 - behind) // 100)
        end = today - behind
        start = {"increment": end - rng.randrange(7), "stock": end}.get(kind)
        part = self.containers.get((cell.measure, cell.host), "") if rng.random() < load.parts else ""
        return Claim(rng.randrange(_OFFICES), kind, self._day(start), self._day(end), self._day(today + 1), number,
                     rng.random(), "" if cell.nationality == MIXED else part, self.number)  # fmt: skip

    def _withdrawn(self, cell: _Cell, *, corrected: bool) -> Produced:
        target = self.rng.choice(cell.recent)
        again = target.claim._replace(number=self.rng.randrange(1, 60)) if corrected else None
        source = f"https://example.org/{self.number // 7}"
        today = self._day(self.number * self.load.days // (self.load.events + self.load.hot + 1) + 1)
        return Produced(
            *about(cell.measure, cell.nationality, cell.host, target, again, source, today or "", self.number)
        )

    def _day(self, number: int | None) -> str:
        return "" if number is None else self.names[number + 60]


def _cells(count: int) -> list[_Cell]:
    """So many cells: all measures over hosts and nationalities, mixed ones among them, both growing with the count."""
    codes = countries()
    pairs = -(-count // len(MEASURES))
    nationalities = min(len(codes), max(2, round((10 * pairs) ** 0.5)))
    hosts = codes[: -(-pairs // nationalities)]
    places = itertools.product((*codes[-nationalities + 1 :], MIXED), hosts)
    made = [_Cell(measure, nationality, host) for nationality, host in places for measure in MEASURES]
    return made[-count:]  # from the end: mixed cells are always there
