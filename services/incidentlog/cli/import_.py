"""`incidentlog import`: the events of an export into the log, all of them or none."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from incidentlog.cli import interrupts
from incidentlog.cli.errors import UnreadableFile
from incidentlog.cli.main import INTERRUPTED
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix, RegisterFiles, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.exchange.errors import ChangedMeanwhile, ExchangeError
from incidentlog.exchange.formats import opened
from incidentlog.exchange.importing import Imported, import_events
from incidentlog.schemas.numbers import count, plural
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Events that `export` wrote, .jsonl or .parquet.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and say what would be appended.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Append the events of an export; if it was torn or altered, none.

    Recorded times stay as they are. What the log has already stays one event.
    """
    output, known, done = Output(json), registers_of(registers), list[Imported]()

    async def append() -> None:
        with Steps(output.err, bars_only=True) as steps, opened(file) as export:
            done.append(await import_events(export, bootstrap, Topics(prefix), known, dry_run=dry_run, heard=steps))

    try:
        file.open("rb").close()
    except OSError as error:
        raise UnreadableFile(str(file), error.strerror or str(error)) from error
    try:
        if interrupts.run(append()):
            raise typer.Exit(INTERRUPTED)
    except ExchangeError as error:
        if not isinstance(error, ChangedMeanwhile):
            output.say("Nothing was appended.")
        raise
    _report(output, done[0], "would be appended" if dry_run else "appended")


def _report(output: Output, imported: Imported, verb: str) -> None:
    if output.json:
        output.lines([asdict(imported)])
        return
    texts = f", {plural(imported.notes, 'paraphrase')}" if imported.notes else ""
    output.write([f"{plural(imported.appended, 'event')} {verb}, {count(imported.known)} already known{texts}"])
