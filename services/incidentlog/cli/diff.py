"""`incidentlog diff`: what two versions say differently, row by row, and why."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from incidentlog.cli.differences import RowDifference, differences
from incidentlog.cli.errors import FOUND_WRONG, known_projection
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix, RegisterFiles, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.waiting import remark
from incidentlog.projections.precedence import by_register
from incidentlog.schemas.numbers import best, count, high, plural
from incidentlog.schemas.topics import PROJECTIONS, Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)
#: Claims that a table tells of under one key.
_SHOWN = 8


@app.command()
def diff(
    projection: Annotated[str, typer.Argument(metavar="PROJECTION", help=f"One of {', '.join(PROJECTIONS)}.", show_default=False)],
    left: Annotated[str, typer.Argument(metavar="VERSION", help="Such as v1.", show_default=False)],
    right: Annotated[str, typer.Argument(metavar="VERSION", help="Such as v2.", show_default=False)],
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Say what two versions say differently, and why. The exit status is 0 if that is nothing, else 1."""
    output, name = Output(json), known_projection(projection, PROJECTIONS)
    known = registers_of(registers)
    found = asyncio.run(differences(bootstrap, Topics(prefix), name, (left, right), by_register(known)))
    if output.json:
        output.lines({"projection": name, **asdict(each)} for each in found)
    elif found:
        output.show(_table(found, left, right))
    output.say(f"{plural(len(found), 'row differs', 'rows differ')} between {left} and {right}")
    if doubt := asyncio.run(remark(bootstrap, Topics(prefix), name, None, known)):
        output.say(doubt)
    if found:
        raise typer.Exit(FOUND_WRONG)


def _table(found: list[RowDifference], left: str, right: str) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("key", left, right):
        grid.add_column(heading, overflow="fold")
    for each in found:
        grid.add_row(Text(each.key, "bold"), _bounds(each.left), _bounds(each.right))
        for claim in each.claims[:_SHOWN]:
            grid.add_row(
                f"  {claim.ref}", *(Text(reason or "not there", "dim") for reason in (claim.left, claim.right))
            )
        if len(each.claims) > _SHOWN:
            grid.add_row("  …", Text(f"{plural(len(each.claims) - _SHOWN, 'more claim')}", "dim"), "")
    return grid


def _bounds(row: dict[str, Any] | None) -> str:
    if row is None:
        return "no row"
    if "low" not in row:
        return "there"
    return f"{count(row['low'])} / {best(row['best'])} / {high(row['high'])}"
