"""Whether what was measured is right: the rows on the topics against the same events folded in one go."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from incidentlog.bench.job.ground import Ground, Table, tables
from incidentlog.bench.job.truth import Rows, comparable, truth
from incidentlog.bench.load import Load, events
from incidentlog.bench.wording import MIXED
from incidentlog.projections.by_nationality import EVERYONE, UNSPECIFIED
from incidentlog.schemas.cells import cell_of
from incidentlog.schemas.topics import PROJECTIONS, Topics

#: Above so many events, a sample is folded rather than everything.
WHOLE = 100_000
_CELLS, _NATIONALITIES = 40, 4
#: Rows that a sample cannot tell: those of everyone, and of what mixed claims leave over when every named part is taken off.
_OF_ALL_CELLS = {EVERYONE, UNSPECIFIED}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is on a topic, or is missing there, and what should be; the same fields of both are left out."""

    table: str
    key: str
    wanted: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.table} {self.key}: should be {self.wanted}, is {self.found}"


async def wrong(ground: Ground, topics: Topics, load: Load, seed: int = 1) -> tuple[list[Mistake], dict[str, Table]]:
    """(what differs from the truth, what each table holds).

    Every event must be in the set once. Of large loads, a seeded sample of cells and nationalities is folded anew.
    """
    count = load.events + load.hot
    held: dict[str, Table] = {}
    for name, topic in tables(topics).items():
        shown = name in PROJECTIONS
        held[name] = await ground.table(topics, topic, lambda _, shown=shown: shown)  # type: ignore[misc]
    kept = held["statements"].records
    mistakes = [] if kept == count else [Mistake("statements", "(how many)", count, kept)]
    if count <= WHOLE:
        return mistakes + differing(held, truth(events(load)), lambda _: True), held
    sample = Sample(held, random.Random(seed))  # noqa: S311 - no secrets here
    right = truth(event for event in events(load) if sample.needs(event.key.decode()))
    return mistakes + differing(held, right, sample.covers), held


class Sample:
    """Some cells, and some nationalities of one measure with all their cells and the mixed ones."""

    def __init__(self, held: dict[str, Table], rng: random.Random) -> None:
        keys = sorted(key.decode() for key in held["estimates"].newest)
        self._cells = {
            key[: key.index("/", key.index("/") + 1) + 4] for key in rng.sample(keys, min(_CELLS, len(keys)))
        }
        shown = sorted(key.decode() for key in held["rescued-by-nationality"].newest)
        self._nationalities = set(rng.sample(shown, min(_NATIONALITIES, len(shown)))) - _OF_ALL_CELLS

    def needs(self, cell: str) -> bool:
        """Whether what is sampled depends on this cell."""
        measure, nationality, _ = cell.split("/")
        return cell in self._cells or (measure == "rescued" and nationality in {*self._nationalities, MIXED})

    def covers(self, row: tuple[str, str]) -> bool:
        """Whether this row is known from the sample alone."""
        projection, key = row
        if projection == "estimates":
            return self.needs(cell_of(key))
        return projection == "rescued-by-nationality" and key in self._nationalities


def differing(held: dict[str, Table], right: Rows, covers: Callable[[tuple[str, str]], bool]) -> list[Mistake]:
    """The rows among those that `covers` names which are not as they should be, are missing or too many."""
    found: Rows = {}
    for projection in PROJECTIONS:
        for key, value in held.get(projection, Table()).newest.items():
            if value is not None and covers((projection, key.decode())):
                found[projection, key.decode()] = comparable(orjson.loads(value))
    wanted = {key: row for key, row in right.items() if covers(key)}
    assert wanted, "nothing was checked"
    return [
        _mistake(at, wanted.get(at), found.get(at))
        for at in sorted(found.keys() | wanted.keys())
        if found.get(at) != wanted.get(at)
    ]


def _mistake(at: tuple[str, str], wanted: dict[str, Any] | None, found: dict[str, Any] | None) -> Mistake:
    if wanted is None or found is None:
        return Mistake(*at, wanted, found)
    fields = [name for name in wanted | found if wanted.get(name) != found.get(name)]
    return Mistake(*at, {name: wanted.get(name) for name in fields}, {name: found.get(name) for name in fields})
