"""`incidentlog why`: the claims behind a number, and what became of each."""

from __future__ import annotations

import asyncio

import typer

from incidentlog.cli.account import account
from incidentlog.cli.answers import from_files, from_log
from incidentlog.cli.errors import NoNumbers, known_projection
from incidentlog.cli.options import (
    BOOTSTRAP,
    Bootstrap,
    FromArticles,
    FromFiles,
    Json,
    Key,
    Numbered,
    Prefix,
    RegisterFiles,
    registers_of,
)  # fmt: skip
from incidentlog.cli.output import Output
from incidentlog.cli.sources import asked_of
from incidentlog.cli.waiting import remark
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.precedence import by_register
from incidentlog.schemas.rows import OFFICIAL_ACTIONS
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def why(
    projection: Numbered,
    key: Key,
    files: FromFiles = None,
    articles: FromArticles = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Say why a number is what it is, claim by claim."""
    output, doubt = Output(json), ""
    if known_projection(projection, PROJECTIONS) == OFFICIAL_ACTIONS:
        raise NoNumbers(OFFICIAL_ACTIONS)
    known = registers_of(registers)
    if (material := asked_of(output, files, known, articles=articles)) is not None:
        answer = from_files(material, projection, key, by_register(known))
    else:
        answer = asyncio.run(from_log(bootstrap, Topics(prefix), projection, key, by_register(known)))
        doubt = asyncio.run(remark(bootstrap, Topics(prefix), projection, key, known))
    if output.json:
        output.lines(each.as_json(answer.notes.get(each.treatment.id)) for each in answer.claims)
    else:
        output.show(account(answer.row, answer.estimates, answer.claims, answer.notes))
    if doubt:
        output.say(doubt)
