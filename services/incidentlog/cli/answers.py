"""What `why` has to know of a number: its row, the estimates behind it, their claims; from the log or from files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from incidentlog.cli.errors import UnknownKey
from incidentlog.cli.sources import Material
from incidentlog.client import History, Subscriber
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.explained import Explained, explained, places_of
from incidentlog.projections.precedence import Precedence
from incidentlog.projections.project import project
from incidentlog.schemas.cells import Cell, cell_of
from incidentlog.schemas.rows import ESTIMATES, encode_row
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics

Rows = Mapping[str, dict[str, Any]]


#: The statements of the cells behind a row.
Behind = list[tuple[Cell, Statement]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A row, the estimates behind it, their claims, and these' paraphrases by claim id."""

    row: dict[str, Any]
    estimates: Rows
    claims: list[Explained]
    notes: Mapping[str, str]


async def from_log(bootstrap: str, topics: Topics, projection: str, key: str, precedence: Precedence) -> Answer:
    """The answer of the log and its workers."""
    rows = await _snapshot(bootstrap, topics, projection)
    row = _row(rows, projection, key)
    estimates = rows if projection == ESTIMATES else await _snapshot(bootstrap, topics, ESTIMATES)
    places = places_of(row, estimates, PROJECTIONS[projection].measures)
    async with History(bootstrap, topics=topics) as history:
        claims = _claims(places, await history.statements_of({cell_of(place) for place in places}), precedence)
        notes = await history.notes(each.treatment.id for each in claims)
    return Answer(row, _chosen(estimates, places), claims, notes)


def from_files(material: Material, projection: str, key: str, precedence: Precedence) -> Answer:
    """The answer of what files say, folded here."""
    statements = material.statements()
    tables: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in PROJECTIONS}
    for row in project(statements, precedence):
        tables[row.projection][row.key] = orjson.loads(encode_row(row))
    row, estimates = _row(tables[projection], projection, key), tables[ESTIMATES]
    places = places_of(row, estimates, PROJECTIONS[projection].measures)
    sets: dict[str, list[Statement]] = {}
    for cell, statement in statements:
        sets.setdefault(str(cell), []).append(statement)
    return Answer(row, _chosen(estimates, places), _claims(places, sets, precedence), material.notes())


async def behind_in_log(bootstrap: str, topics: Topics, projection: str, key: str) -> Behind:
    """What the log has of the cells behind a row."""
    rows = await _snapshot(bootstrap, topics, projection)
    row = _row(rows, projection, key)
    estimates = rows if projection == ESTIMATES else await _snapshot(bootstrap, topics, ESTIMATES)
    cells = {cell_of(place) for place in places_of(row, estimates, PROJECTIONS[projection].measures)}
    async with History(bootstrap, topics=topics) as history:
        sets = await history.statements_of(cells)
    return [(Cell.parse(cell), statement) for cell, found in sorted(sets.items()) for statement in found]


def behind_in_files(material: Material, projection: str, key: str, precedence: Precedence) -> Behind:
    """What files have of the cells behind a row."""
    answer = from_files(material, projection, key, precedence)
    cells = {cell_of(place) for place in answer.estimates}
    return [(cell, statement) for cell, statement in material.statements() if str(cell) in cells]


async def _snapshot(bootstrap: str, topics: Topics, projection: str) -> Rows:
    async with Subscriber(bootstrap, projection, topics=topics) as subscriber:
        return await subscriber.snapshot()


def _row(rows: Rows, projection: str, key: str) -> dict[str, Any]:
    if key not in rows:
        raise UnknownKey(projection, key, rows)
    return rows[key]


def _claims(places: Iterable[str], sets: Mapping[str, list[Statement]], precedence: Precedence) -> list[Explained]:
    return [each for place in places for each in explained(place, sets.get(cell_of(place), ()), precedence)]


def _chosen(estimates: Rows, places: Iterable[str]) -> Rows:
    return {place: estimates[place] for place in places if place in estimates}
