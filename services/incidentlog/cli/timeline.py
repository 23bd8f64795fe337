"""`incidentlog timeline`: how a number grew, and when that was learned."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from incidentlog.cli.answers import behind_in_files, behind_in_log
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
from incidentlog.projections.timeline import Point, grown, learned
from incidentlog.schemas import words
from incidentlog.schemas.numbers import best, count, high
from incidentlog.schemas.rows import OFFICIAL_ACTIONS
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)
#: Characters of the longest bar; what is sure is drawn full, what is possible besides it light, an open end with an arrow.
_WIDTH = 32
_SURE, _POSSIBLE, _OPEN = "█", "░", "▷"
_TITLES = {"grown": "What had happened by …, as known now", "learned": "What was known on …"}


@app.command()
def timeline(
    projection: Numbered,
    key: Key,
    files: FromFiles = None,
    articles: FromArticles = False,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="Draw it, as .svg or .png.", show_default=False)] = None,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Show how a number grew, and when that was learned."""
    output, doubt = Output(json), ""
    if known_projection(projection, PROJECTIONS) == OFFICIAL_ACTIONS:
        raise NoNumbers(OFFICIAL_ACTIONS)
    known = registers_of(registers)
    precedence = by_register(known)
    if (material := asked_of(output, files, known, articles=articles)) is not None:
        filed = behind_in_files(material, projection, key, precedence)
    else:
        filed = asyncio.run(behind_in_log(bootstrap, Topics(prefix), projection, key))
        doubt = asyncio.run(remark(bootstrap, Topics(prefix), projection, key, known))
    series = {
        "grown": grown(filed, projection, key, precedence),
        "learned": learned(filed, projection, key, precedence),
    }
    if output.json:
        output.lines({"series": name, **asdict(point)} for name, points in series.items() for point in points)
    else:
        for name, points in series.items():
            output.show(_table(_TITLES[name], points), "")
    if doubt:
        output.say(doubt)
    if picture:
        from incidentlog.cli.charts import draw  # noqa: PLC0415 - matplotlib

        draw(series["grown"], f"{projection} {key}", picture)


def _table(title: str, points: list[Point]) -> Table:
    grid = Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False
    )
    grid.add_column("", no_wrap=True)
    for heading in ("low", "best", "high"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("", no_wrap=True, overflow="crop")
    grid.add_column("", overflow="fold", style="dim")
    longest = max((_end(point) for point in points), default=0) or 1
    for point in points:
        at = point.at[:19].replace("T", " ")
        grid.add_row(at, count(point.low), best(point.best), high(point.high), _bar(point, longest),
                     ", ".join(map(words.flag, point.flags)))  # fmt: skip
    return grid


def _end(point: Point) -> int:
    return max(point.low, point.best or 0, point.high or 0)


def _bar(point: Point, longest: int) -> Text:
    sure = round(_WIDTH * point.low / longest)
    possible = round(_WIDTH * _end(point) / longest) - sure
    return Text.assemble(_SURE * sure, (_POSSIBLE * possible + (_OPEN if point.high is None else ""), "dim"))
