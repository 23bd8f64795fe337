"""`incidentlog fold`: the same folds as in the worker, over files, with no broker."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Annotated, Any

import typer

from incidentlog.cli import sources
from incidentlog.cli.errors import FOUND_WRONG, known_projection
from incidentlog.cli.options import Json, RegisterFiles, last_day, last_moment, program, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.tables import LEGEND, RowTable
from incidentlog.projections.precedence import by_register
from incidentlog.projections.project import project
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.topics import PROJECTIONS, ROLLUPS

app = typer.Typer(add_completion=False, rich_markup_mode=None)
#: What most people want comes last, next to where they go on typing.
ORDER = (ESTIMATES, *reversed(ROLLUPS))


@app.command()
def fold(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", help="Sheets (.yaml), events (.jsonl), or - for events on standard input. None: the articles that ship.", show_default=False)] = None,
    articles: Annotated[bool, typer.Option("--articles", help="Fold the articles that ship as well.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DAY", help="Only what had happened by that day.", show_default=False)] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", metavar="TIME", help="Only what was recorded by then.", show_default=False)] = None,
    only: Annotated[list[str] | None, typer.Option("--projection", "-p", metavar="NAME", help="Only this projection; may be repeated.", show_default=False)] = None,
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Fold claims into numbers right here, with no broker."""
    output = Output(json)
    names = [known_projection(name, PROJECTIONS) for name in only or ()]
    until, known = last_day(as_of, "--as-of"), last_moment(known_at, "--known-at")
    checked = registers_of(registers)
    material = sources.read(files or (), checked, articles=articles or not files)
    if material.problems:
        output.warn(material.problems)
        output.say(f"{plural(len(material.problems), 'problem')}: nothing was folded")
        raise typer.Exit(FOUND_WRONG)
    rows = project(
        material.statements(), by_register(checked), until=until.toordinal() if until else 0, known=known or ""
    )
    chosen = [row for row in rows if row.projection in (names or ORDER)]
    if output.json:
        output.lines(chosen)
    else:
        _show(
            output,
            chosen,
            until,
            material,
            actions=sum(row.projection == OFFICIAL_ACTIONS for row in rows if not names),
        )


def _show(output: Output, rows: list[Any], until: date | None, material: sources.Material, actions: int) -> None:
    by_name = {name: list(group) for name, group in groupby(rows, key=lambda row: row.projection)}
    for name in sorted(by_name, key=_place):
        output.show(RowTable(name, by_name[name]), "")
    output.show(LEGEND)
    output.say(_summary(material, until, actions))


def _place(name: str) -> int:
    return (OFFICIAL_ACTIONS, *ORDER).index(name)


def _summary(material: sources.Material, until: date | None, actions: int) -> str:
    articles = len({placed.event.source for placed in material.events})
    told = f"{plural(len(material.events), 'event')} from {plural(articles, 'article')}" + (
        f", as of {until}" if until else ""
    )
    apart = f", {plural(actions, 'official action')} among them (--projection {OFFICIAL_ACTIONS})" if actions else ""
    return f"{told}{apart}\nWhy a number? {program()} why rescued-by-nationality KEY, with --articles or --from FILE"
