"""What happens outside: events about a few cells that all matter to each other, and the rows in which they must end."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from incidentlog.projections.project import project
from incidentlog.schemas import records
from incidentlog.schemas.cells import OFFICIAL, Cell
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import PROJECTIONS, Topics
from incidentlog.worker.preflight import Layout
from incidentlog.worker.settings import WorkerSettings
from support.generate import MEASURES, Produced, _Events

EVENTS = 30
#: Worlds there are; the seed of a run chooses one, and how it is told.
WORLDS = 200
_BASE = Topics("sim")
_MEASURES = ("rescued", "arrested", "sites_raided", "missing")
_COUNTED = tuple(_BASE.events(MEASURES[name][0]) for name in _MEASURES)
_OFFICIAL = (_BASE.events("OrderIssued"),)


_FOLDED = (*_COUNTED, *_OFFICIAL)


class FewTopics(Topics):
    """Only the topics that the generated events need: the others would be empty. Names are made once."""

    counted, official = _COUNTED, _OFFICIAL
    statements, contributions, dead_letters = _BASE.statements, _BASE.contributions, _BASE.dead_letters
    events, rows, event_type = map(staticmethod, map(lru_cache, (_BASE.events, _BASE.rows, _BASE.event_type)))


TOPICS = FewTopics("sim")


class Settings(WorkerSettings):
    """Settings of a simulated worker."""

    @property
    def topics(self) -> Topics:
        return TOPICS


@dataclass(frozen=True)
class World:
    """Events as they are published the first time, and what they come to."""

    partitions: int
    events: tuple[Produced, ...]
    #: By value: the keys under which the statement may be stored.
    keys: dict[bytes, tuple[bytes, bytes]]
    #: By topic and key.
    rows: dict[tuple[str, str], Any]
    #: See `identity`.
    statements: frozenset[tuple[str, str, str]]

    @property
    def layout(self) -> Layout:
        """The partitions that there are."""
        names = [*_FOLDED, TOPICS.statements, TOPICS.contributions, TOPICS.dead_letters, *map(TOPICS.rows, PROJECTIONS)]
        return Layout(self.partitions, dict.fromkeys(names, self.partitions), {name: f"id of {name}" for name in names})


@lru_cache(maxsize=WORLDS)
def world(number: int) -> World:
    """One of the worlds, always the same."""
    rng = random.Random(f"world {number}")
    partitions = rng.choice((2, 2, 2, 2, 3))
    good = _events(rng, number)
    known = [(event, *read(event.value)) for event in good]
    spoilt = [Produced(event.home, event.key, event.value[:-1]) for event in rng.sample(good, rng.choice((0, 0, 1)))]
    return World(
        partitions,
        tuple(good + spoilt),
        {event.value: _keys(cell, statement) for event, _, cell, statement in known},
        _rows((cell, statement) for _, _, cell, statement in known),
        frozenset(identity(str(cell), statement.id, statement.digest) for _, _, cell, statement in known),
    )


def identity(cell: str, event_id: str, digest: str) -> tuple[str, str, str]:
    """What tells statements apart: of an official action that came with several contents, one stays."""
    return cell, event_id, "" if cell.startswith(OFFICIAL) else digest


def told(row: Any) -> dict[str, Any]:
    """A row as JSON, but for its version: that depends on what arrived together."""
    return {name: value for name, value in row.items() if name != "version"}


@lru_cache(maxsize=4096)
def read(value: bytes) -> tuple[str, Cell, Statement]:
    """What the product reads in an event, read once."""
    return records.read(orjson.loads(value))


@lru_cache(maxsize=4096)
def told_by(value: bytes) -> dict[str, Any]:
    """The row in a record: runs in the same world end in the same rows, so that most are known."""
    return told(orjson.loads(value))


@lru_cache(maxsize=4096)
def identity_of(key: bytes, value: bytes) -> tuple[str, str, str]:
    """Of a stored statement."""
    statement = records.load(value)
    return identity(key.decode().partition("#")[0], statement.id, statement.digest)


def _rows(statements: Iterable[tuple[Cell, Statement]]) -> dict[tuple[str, str], Any]:
    rows = project(statements)
    return {
        (TOPICS.rows(row.projection.replace("_", "-")), row.key): told(orjson.loads(orjson.dumps(row))) for row in rows
    }


def _keys(cell: Cell, statement: Statement) -> tuple[bytes, bytes]:
    own = f"{cell}#{statement.id}"
    return own.encode(), f"{own}#{statement.digest}".encode()


def _events(rng: random.Random, number: int) -> list[Produced]:
    """Few cells, so that claims meet; all events about claims among them, and sometimes an id with two contents."""
    made = list(itertools.islice(_Events(number, nationalities=3, hosts=2), 240))
    counted = Counter(event.key for event in made if event.key.decode().partition("/")[0] in _MEASURES)
    crowded = [key for key, _ in counted.most_common(10)]
    rng.shuffle(crowded)
    cells = {event.key for event in made if event.key.startswith(b"official")}
    chosen: list[Produced] = []
    while len(chosen) < EVENTS:
        cells.add(crowded.pop())
        chosen = [event for event in made if event.key in cells]
    about = [event for event in chosen if b'"causationid"' in event.value]
    claims = [event for event in chosen if b'"causationid"' not in event.value]
    good = (about[:8] + rng.sample(claims, min(len(claims), EVENTS)))[:EVENTS]
    if rng.random() < 0.3:
        good.append(_other_content(good[-1]))
    return good


def _other_content(event: Produced) -> Produced:
    envelope = orjson.loads(event.value)
    envelope["data"]["published"] = {"edtf": "2024-02-02"}
    return event._replace(value=orjson.dumps(envelope))


@lru_cache(maxsize=1024)
def placed(event: Produced, partitions: int) -> tuple[str, int]:
    """Where an event is published."""
    return TOPICS.events(event.home), partition_of(event.key, partitions)
