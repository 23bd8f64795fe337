"""`incidentlog export`: the log's events, or the rows of a projection, into a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from incidentlog.cli import interrupts
from incidentlog.cli.errors import BadOption, known_projection
from incidentlog.cli.main import INTERRUPTED
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix, program
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.cli.waiting import doubt, standing_in
from incidentlog.exchange.exporting import Written, export_events, export_rows
from incidentlog.exchange.files import SUMS
from incidentlog.exchange.formats import FORMATS, PARQUET, SEALED
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import PROJECTIONS, Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)
EVENTS = "events"


@app.command()
def export(
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"{EVENTS}, or one of {', '.join(PROJECTIONS)}.", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"Its name ends in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.", show_default=False)],
    notes: Annotated[bool, typer.Option("--notes", help="With events: their paraphrases as well; no redaction reaches a file.")] = False,
    version: Annotated[str | None, typer.Option("--version", metavar="VERSION", help="With a projection: of this version, not the live one.", show_default=False)] = None,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    json: Json = None,
) -> None:  # fmt: skip
    """Write all events, or the rows of a projection, to a file with checksums.

    Events in .jsonl and .parquet can be imported again; .csv and rows are for spreadsheets and data frames.
    """
    known_projection(what, (EVENTS, *PROJECTIONS))
    _check(what, file, notes=notes, version=version)
    output, written, doubts = Output(json), list[Written](), list[str]()

    async def write() -> None:
        if what != EVENTS:
            standing = await standing_in(bootstrap, Topics(prefix))
            count = None if standing is None else partial(standing.touching, what)
            written.append(await export_rows(bootstrap, Topics(prefix), what, file, version=version, letters=count))
            doubts.append(doubt(standing, what))
            return
        with Steps(output.err, bars_only=True) as steps:
            heard = lambda done, total: steps("Exporting", done, total)  # noqa: E731
            written.append(await export_events(bootstrap, Topics(prefix), file, notes=notes, heard=heard))

    if interrupts.run(write()):
        raise typer.Exit(INTERRUPTED)
    if output.json:
        output.lines([_told(what, file, written[0])])
    else:
        _say(output, what, file, written[0])
    output.warn(filter(None, doubts))


def _check(what: str, file: Path, *, notes: bool, version: str | None) -> None:
    """BadOption unless these go together and the file may be written where it is to be."""
    if file.suffix.lower() not in FORMATS:
        raise BadOption("FILE", f"{file}: its name says the format: let it end in {', '.join(FORMATS)}")
    if not file.absolute().parent.is_dir():
        raise BadOption("FILE", f"{file}: there is no folder {file.parent}; make it first")
    if file.is_dir():
        raise BadOption("FILE", f"{file}: is a folder; name a file")
    if notes and what != EVENTS:
        raise BadOption("--notes", "rows have no paraphrases; it goes with events")
    if version and what == EVENTS:
        raise BadOption("--version", "all versions have the same events; it goes with a projection")
    if file.suffix.lower() == PARQUET:
        import incidentlog.exchange.parquet  # noqa: F401, PLC0415 - says what to install before anything is read


def _told(what: str, file: Path, written: Written) -> dict[str, Any]:
    told: dict[str, Any] = {"file": str(file), "what": what, "sha256": written.sha256}
    return told | ({"rows": written.rows} if written.about is None else written.about.whole())


def _say(output: Output, what: str, file: Path, written: Written) -> None:
    about, sealed = written.about, what == EVENTS and file.suffix.lower() in SEALED
    sums = "its checksums inside" if sealed else f"its checksum in {file.name}{SUMS}"
    if about is None:
        output.write([f"{file}: {plural(written.rows, 'row')}, {sums}"])
        return
    texts = f" and {plural(about.notes, 'paraphrase')}" if about.notes else ""
    output.write([f"{file}: {plural(about.events, 'event')}{texts}, {sums}"])
    if about.left_out:
        output.say(f"{plural(about.left_out, 'record')} left out: no fold takes them, they are dead letters")
    if sealed:
        output.say(f"Append them elsewhere: {program()} import {file} --bootstrap HOST:PORT")
