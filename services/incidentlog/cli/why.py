"""`incidentlog why`: the claims behind a number, and what became of each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from incidentlog.cli.account import account
from incidentlog.cli.claims import Explained, explained, places_of
from incidentlog.cli.errors import NoNumbers, UnknownKey, known_projection
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix
from incidentlog.cli.output import Output
from incidentlog.client import History, Subscriber
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """A row, the estimates behind it, their claims, and these' paraphrases by claim id."""

    row: dict[str, Any]
    estimates: dict[str, dict[str, Any]]
    claims: list[Explained]
    notes: dict[str, str]


@app.command()
def why(
    projection: Annotated[str, typer.Argument(metavar="PROJECTION", help="Such as rescued-by-nationality.", show_default=False)],
    key: Annotated[str, typer.Argument(metavar="KEY", help="Such as VNM, * for all, KHM, KH-12; in estimates rescued/VNM/KHM.", show_default=False)],
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    json: Json = None,
) -> None:  # fmt: skip
    """Say why a number is what it is, claim by claim."""
    output = Output(json)
    if known_projection(projection, PROJECTIONS) == OFFICIAL_ACTIONS:
        raise NoNumbers(OFFICIAL_ACTIONS)
    answer = asyncio.run(_ask(bootstrap, Topics(prefix), projection, key))
    if output.json:
        output.lines(each.as_json(answer.notes.get(each.treatment.id)) for each in answer.claims)
    else:
        output.show(account(answer.row, answer.estimates, answer.claims, answer.notes))


async def _ask(bootstrap: str, topics: Topics, projection: str, key: str) -> Answer:
    rows = await _rows(bootstrap, topics, projection)
    if key not in rows:
        raise UnknownKey(projection, key, rows)
    row = rows[key]
    estimates = rows if projection == ESTIMATES else await _rows(bootstrap, topics, ESTIMATES)
    places = places_of(row, estimates, PROJECTIONS[projection].measures)
    async with History(bootstrap, topics=topics) as history:
        cells = {place: "/".join(place.split("/")[:3]) for place in places}
        sets = await history.statements_of(set(cells.values()))
        claims = [each for place, cell in cells.items() for each in explained(place, sets[cell])]
        notes = await history.notes(each.treatment.id for each in claims)
    return Answer(row, {place: estimates[place] for place in places if place in estimates}, claims, notes)


async def _rows(bootstrap: str, topics: Topics, projection: str) -> dict[str, dict[str, Any]]:
    async with Subscriber(bootstrap, projection, topics=topics) as subscriber:
        return await subscriber.snapshot()
