"""`incidentlog doctor`: what is wrong with this set-up, and the command that mends it."""

from __future__ import annotations

import asyncio

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from incidentlog.cli.errors import FOUND_WRONG
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix
from incidentlog.cli.output import Output
from incidentlog.doctor import Finding, examine, gather
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(bootstrap: Bootstrap = BOOTSTRAP, prefix: Prefix = "incidentlog", json: Json = None) -> None:
    """Say what is wrong with this set-up, and what mends it. It only looks."""
    output = Output(json)
    found = examine(asyncio.run(gather(bootstrap, Topics(prefix))))
    if output.json:
        output.lines(each._asdict() for each in found)
    elif found:
        output.show(_table(found))
    output.say(f"{plural(len(found), 'thing')} wrong" if found else "nothing is wrong")
    if found:
        raise typer.Exit(FOUND_WRONG)


def _table(found: list[Finding]) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_lines=True)
    for heading in ("what", "where", "", "mend it"):
        grid.add_column(heading, overflow="fold")
    for each in found:
        grid.add_row(*map(Text, (each.name.replace("_", " "), each.where, each.says, each.cure)))
    return grid
