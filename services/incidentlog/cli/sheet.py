"""`incidentlog sheet`: for those who write claim sheets."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich import box
from rich.table import Table

from incidentlog.cli.errors import FOUND_WRONG, PhraseMissing, UnreadableFile
from incidentlog.cli.options import Json, RegisterFiles, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.tables import spaced
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.events import Event
from incidentlog.schemas.numbers import bounds, plural
from incidentlog.sheets import Sheet, SheetError, compile_sheet, identity
from incidentlog.sheets import locate as locate_phrase
from incidentlog.sheets import schema as sheet_schema

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def _sheet() -> None:
    """Write claim sheets: check them, locate phrases, get the schema."""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Sheets to check.", show_default=False)],
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:
    """Check sheets, and show the events they make. Publishes nothing."""
    output, known, wrong = Output(json), registers_of(registers), 0
    for file in files:
        try:
            sheet = compile_sheet(text_of(file), registers=known, name=str(file))
        except SheetError as error:
            wrong += len(error.findings)
            if output.json:
                output.lines(map(asdict, error.findings))
            else:
                output.write(error.findings)
            continue
        if output.json:
            output.lines(
                [{"file": str(file), "source": sheet.source, "events": len(sheet.events), "notes": len(sheet.notes)}]
            )
        else:
            output.show(_events(str(file), sheet), "")
    if wrong:
        output.say(f"{plural(wrong, 'thing')} to mend")
        raise typer.Exit(FOUND_WRONG)


@app.command()
def locate(
    article: Annotated[Path, typer.Argument(help="The article as plain text, UTF-8.", show_default=False)],
    phrase: Annotated[str | None, typer.Argument(help="Some words of it.", show_default=False)] = None,
    json: Json = None,
) -> None:
    """Print an article's hash and the offsets of a phrase."""
    output = Output(json)
    text = text_of(article)
    sha256, offsets = locate_phrase(text, phrase) if phrase else (identity(text).rpartition(":")[2], [])
    if phrase and not offsets:
        raise PhraseMissing(str(article), phrase)
    if output.json:
        output.lines([{"sha256": sha256, "offsets": offsets}])
    else:
        output.write([f"sha256: {sha256}", *(f"evidence: [[{start}, {end}]]" for start, end in offsets)])


@app.command()
def schema() -> None:
    """Print the JSON Schema of a sheet, for editors."""
    print(orjson.dumps(sheet_schema(), option=orjson.OPT_INDENT_2).decode())


def text_of(file: Path) -> str:
    """The text of a file; UnreadableFile says why it has none."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(str(file), getattr(error, "strerror", None) or str(error)) from error


def _events(name: str, sheet: Sheet) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, title=f"{name}: {plural(len(sheet.events), 'event')}", title_justify="left",
                 title_style="bold", show_edge=False, pad_edge=False)  # fmt: skip
    grid.add_column("ref", no_wrap=True)
    grid.add_column("event", ratio=1)
    grid.add_column("low / best / high", no_wrap=True, justify="right")
    grid.add_column("days", no_wrap=True)
    for event in sheet.events:
        grid.add_row(getattr(event.data, "ref", ""), *_told(event))
    return grid


def _told(event: Event) -> tuple[str, str, str]:
    data = event.data
    window = getattr(data, "window", None)
    days = window.edtf if window else ""
    if isinstance(data, CountedClaim):
        return str(event.cell), bounds(data.quantity), days
    return spaced(event.type), "", days
