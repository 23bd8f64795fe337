"""`incidentlog publish`: events from files into the log, checked as a whole before the first is appended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from incidentlog.cli import changes, sources
from incidentlog.cli.edge import Verdicts, weigh
from incidentlog.cli.errors import DONE, FOUND_WRONG, BadOption, NothingNamed, ReadingDenied
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix, RegisterFiles, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.cli.sources import Placed
from incidentlog.client import Publisher, Totals
from incidentlog.client.connect import broker_at
from incidentlog.client.errors import AccessDenied
from incidentlog.client.known import Known, learn
from incidentlog.observing import tracing
from incidentlog.schemas.numbers import count, plural
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked for, and where."""

    bootstrap: str
    topics: Topics
    registers: Registers
    material: sources.Material
    dry_run: bool
    keep_going: bool
    amend: bool
    restore: bool
    write_only: bool = False


@app.command()
def publish(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", help="Sheets (.yaml), events (.jsonl), or - for events on standard input.", show_default=False)] = None,
    articles: Annotated[bool, typer.Option("--articles", help="Publish the articles that ship as well.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and say what would be appended.")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Append what is right even if something is wrong.")] = False,
    amend: Annotated[bool, typer.Option("--amend", help="Publish what has changed in a sheet as corrections and retractions.")] = False,
    restore: Annotated[bool, typer.Option("--restore", help="With --amend: also bring back what someone has retracted.")] = False,
    write_only: Annotated[bool, typer.Option("--write-only", help="Read nothing of the log: for credentials that may only append.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Append claims from sheets or event files to the log.

    Saying the same twice changes nothing.
    """
    if not files and not articles:
        raise NothingNamed
    known = registers_of(registers)
    material = sources.read(files or (), known, articles=articles)
    if write_only and (amend or restore):
        raise BadOption("--write-only", "what a sheet has changed is told by reading: leave out --amend and --restore")
    call = Call(bootstrap, Topics(prefix), known, material, dry_run, keep_going, amend, restore, write_only)
    with tracing.exported("incidentlog-publish"):
        status = asyncio.run(_publish(Output(json), call))
    raise typer.Exit(status)


async def _publish(output: Output, call: Call) -> int:
    """Publish what is right, say what is not; the exit status."""
    wrong = list(call.material.problems)
    if wrong and not call.keep_going:
        return _refuse(output, wrong)
    known, old = await _known(call)
    pending = [change for each in old.values() for change in each.amendments]
    left = [ref for each in old.values() for ref in each.left_retracted]
    if left:
        output.say(f"retracted, and left so: {', '.join(left)}. Let them count again with --amend --restore")
    if pending:
        refs = {claim: ref for each in old.values() for claim, ref in each.refs().items()}
        if output.json:
            output.lines(changes.as_json(change, refs) for change in pending)
        else:
            output.show(changes.table(pending, refs), "")
        if not call.amend:
            output.say(f"{plural(len(pending), 'change')} of what was published: nothing was appended. "
                       "Publish them as corrections and retractions with --amend")  # fmt: skip
            return FOUND_WRONG
    verdicts = weigh(call.topics, call.registers, known, _events(call.material, old))
    verdicts.known += sum(each.unchanged for each in old.values())
    wrong += verdicts.refused
    if wrong and not call.keep_going:
        return _refuse(output, wrong)
    output.warn(wrong)
    totals = Totals(len(verdicts.new), verdicts.known, len(wrong))
    if not call.dry_run:
        appended = await _append(output, call, verdicts)
        totals = Totals(appended.appended, appended.known + verdicts.known, len(wrong))
    _report(output, totals, "would be appended" if call.dry_run else "appended")
    return FOUND_WRONG if wrong else DONE


async def _known(call: Call) -> tuple[Known, Mapping[str, changes.Amended]]:
    """What the log holds of it, and what has changed since; nothing if it is not to be read."""
    if call.write_only:
        return Known(), {}
    try:
        known = await learn(broker_at(call.bootstrap), call.topics)
    except AccessDenied as error:
        raise ReadingDenied(error) from error
    return known, await changes.amended(call.bootstrap, call.topics, known, call.material.sheets, restore=call.restore)


def _events(material: sources.Material, old: Mapping[str, changes.Amended]) -> list[Placed]:
    """What is to be published: of an article the log has already, what is new or amends it."""
    new = [each for each in material.events if each.place not in material.sheets or each.event.source not in old]
    return new + [Placed(event, each.place) for each in old.values() for event in each.events()]


async def _append(output: Output, call: Call, verdicts: Verdicts) -> Totals:
    events, notes = [placed.event for placed in verdicts.new], call.material.notes()
    if call.write_only and notes:
        output.say(
            f"{plural(len(notes), 'paraphrase')} left out: without reading nobody can tell whether they were erased"
        )
    reads = not call.write_only
    with Steps(output.err, bars_only=True) as steps:
        async with Publisher(call.bootstrap, topics=call.topics, registers=call.registers, known=reads) as publisher:
            return await publisher.publish_all(
                events, notes=notes if reads else {}, progress=lambda now: steps("Appending", now.done, len(events))
            )


def _refuse(output: Output, wrong: Sequence[str]) -> int:
    output.warn(wrong)
    output.say(f"{plural(len(wrong), 'problem')}: nothing was appended. Mend it, or append the rest with --keep-going")
    return FOUND_WRONG


def _report(output: Output, totals: Totals, verb: str) -> None:
    if output.json:
        output.lines([asdict(totals)])
    else:
        refused = f", {count(totals.refused)} refused" if totals.refused else ""
        output.show(f"{plural(totals.appended, 'event')} {verb}, {count(totals.known)} already known{refused}")
