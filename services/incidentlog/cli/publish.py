"""`incidentlog publish`: events from files into the log, checked as a whole before the first is appended."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from incidentlog.cli import sources
from incidentlog.cli.edge import Verdicts, weigh
from incidentlog.cli.errors import DONE, FOUND_WRONG, NothingNamed
from incidentlog.cli.numbers import count, plural
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix, RegisterFiles, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.client import Publisher, Totals
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked for."""

    bootstrap: str
    topics: Topics
    registers: Registers
    material: sources.Material
    dry_run: bool
    keep_going: bool
    amend: bool


@app.command()
def publish(
    files: Annotated[list[str] | None, typer.Argument(metavar="[FILE]...", help="Sheets (.yaml), events (.jsonl), or - for events on standard input.", show_default=False)] = None,
    articles: Annotated[bool, typer.Option("--articles", help="Publish the articles that ship as well.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and say what would be appended.")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Append what is right even if something is wrong.")] = False,
    amend: Annotated[bool, typer.Option("--amend", help="Publish what changed in a sheet as corrections and retractions.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Append claims from sheets or event files to the log. Saying the same twice changes nothing."""
    if not files and not articles:
        raise NothingNamed
    known = registers_of(registers)
    material = sources.read(files or (), known, articles=articles)
    call = Call(bootstrap, Topics(prefix), known, material, dry_run, keep_going, amend)
    status = asyncio.run(_publish(Output(json), call))
    raise typer.Exit(status)


async def _publish(output: Output, call: Call) -> int:
    """Publish what is right, say what is not; the exit status."""
    verdicts = await weigh(call.bootstrap, call.topics, call.registers, call.material.events)
    wrong = call.material.problems + [f"{placed.place}: {refusal}" for placed, refusal in verdicts.refused]
    for problem in wrong:
        output.say(problem)
    if wrong and not call.keep_going:
        output.say(
            f"{plural(len(wrong), 'problem')}: nothing was appended. Mend it, or append the rest with --keep-going"
        )
        return FOUND_WRONG
    if call.dry_run:
        _report(output, Totals(len(verdicts.new), verdicts.known, len(wrong)), "would be appended")
    else:
        _report(output, await _append(output, call, verdicts), "appended")
    return FOUND_WRONG if wrong else DONE


async def _append(output: Output, call: Call, verdicts: Verdicts) -> Totals:
    events = [placed.event for placed in verdicts.new]
    with Steps(output.err, bars_only=True) as steps:
        async with Publisher(call.bootstrap, topics=call.topics, registers=call.registers) as publisher:
            totals = await publisher.publish_all(
                events, notes=call.material.notes(), progress=lambda now: steps("Appending", now.done, len(events))
            )
    return Totals(totals.appended, totals.known + verdicts.known, len(verdicts.refused) + len(call.material.problems))


def _report(output: Output, totals: Totals, verb: str) -> None:
    if output.json:
        output.lines([asdict(totals)])
    else:
        refused = f", {totals.refused} refused" if totals.refused else ""
        output.show(f"{plural(totals.appended, 'event')} {verb}, {count(totals.known)} already known{refused}")
