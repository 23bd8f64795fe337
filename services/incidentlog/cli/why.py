"""`incidentlog why`: the claims behind a number, and what became of each."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from incidentlog.cli import sources
from incidentlog.cli.account import account
from incidentlog.cli.answers import from_files, from_log
from incidentlog.cli.errors import FOUND_WRONG, NoNumbers, known_projection
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix, RegisterFiles, registers_of
from incidentlog.cli.output import Output
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.precedence import by_register
from incidentlog.schemas.rows import OFFICIAL_ACTIONS
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def why(
    projection: Annotated[str, typer.Argument(metavar="PROJECTION", help="Such as rescued-by-nationality.", show_default=False)],
    key: Annotated[str, typer.Argument(metavar="KEY", help="Such as VNM, * for all, KHM, KH-12; in estimates rescued/VNM/KHM.", show_default=False)],
    files: Annotated[list[str] | None, typer.Option("--from", metavar="FILE", help="Ask sheets or event files instead of the log; may be repeated.", show_default=False)] = None,
    articles: Annotated[bool, typer.Option("--articles", help="Ask the articles that ship instead of the log.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Say why a number is what it is, claim by claim."""
    output = Output(json)
    if known_projection(projection, PROJECTIONS) == OFFICIAL_ACTIONS:
        raise NoNumbers(OFFICIAL_ACTIONS)
    known = registers_of(registers)
    if files or articles:
        material = sources.read(files or (), known, articles=articles)
        if material.problems:
            output.warn(material.problems)
            raise typer.Exit(FOUND_WRONG)
        answer = from_files(material, projection, key, by_register(known))
    else:
        answer = asyncio.run(from_log(bootstrap, Topics(prefix), projection, key, by_register(known)))
    if output.json:
        output.lines(each.as_json(answer.notes.get(each.treatment.id)) for each in answer.claims)
    else:
        output.show(account(answer.row, answer.estimates, answer.claims, answer.notes))
