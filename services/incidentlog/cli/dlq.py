"""`incidentlog dlq`: the dead letters, and publishing them again."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import Annotated

import typer

from incidentlog.cli import letters as shown
from incidentlog.cli.errors import FOUND_WRONG, BadOption, NoSuchLetter
from incidentlog.cli.options import (
    BOOTSTRAP,
    Bootstrap,
    Json,
    Prefix,
    RegisterFiles,
    last_day,
    last_moment,
    program,
    registers_of,
)
from incidentlog.cli.output import Output
from incidentlog.quarantine import Letter, Outcome, Wanted, letters, redrive
from incidentlog.schemas import edtf
from incidentlog.schemas.dead_letters import REASONS
from incidentlog.schemas.nearest import nearest
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import Topics

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="Letters, or what their ids begin with.", show_default=False)
]
Reasons = Annotated[
    list[str] | None,
    typer.Option(
        "--reason", metavar="WORD", help="Refused for this, such as wrong_key; may be repeated.", show_default=False
    ),
]
OnTopics = Annotated[
    list[str] | None,
    typer.Option(
        "--topic", metavar="NAME", help="Found on this topic, with or without the prefix.", show_default=False
    ),
]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="Called itself so, such as RescueReported.", show_default=False),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Found after this moment or day.", show_default=False)
]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Found before its end.", show_default=False)]
Edit = Annotated[
    str | None,
    typer.Option(
        "--edit",
        metavar="FILE",
        help="Mended letters: lines that `dlq show --json` printed, or one event for one ID. - is standard input.",
        show_default=False,
    ),
]


@app.callback()
def _dlq() -> None:
    """Look at dead letters, mend them, publish them again."""


@app.command(name="list")
def list_(
    reason: Reasons = None,
    topic: OnTopics = None,
    type_: Types = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="Those that were redriven as well.")] = False,
    fail: Annotated[bool, typer.Option("--fail", help="Exit with status 1 if any of them is open.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    json: Json = None,
) -> None:
    """List the open letters, oldest first; with --all those that are done as well."""
    output, topics = Output(json), Topics(prefix)
    wanted = _wanted(topics, None, reason, topic, type_, since, until, done=every)
    found = asyncio.run(letters(bootstrap, topics, wanted))
    count = Counter(each.open for each in found)
    if output.json:
        output.lines(map(shown.as_line, found))
    else:
        _summary(output, topics, found, count, every=every)
    if fail and count[True]:
        raise typer.Exit(FOUND_WRONG)


def _summary(output: Output, topics: Topics, found: list[Letter], count: Counter[bool], *, every: bool) -> None:
    if found:
        output.show(shown.table(found, topics))
    output.say(f"{plural(count[True], 'letter')} open" + (f", {count[False]} done" if every else ""))
    if count[True]:
        output.say(f"Look at one: {program()} dlq show {next(each.id for each in found if each.open)}")


@app.command()
def show(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Letters, or what their ids begin with.", show_default=False)],
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    json: Json = None,
) -> None:  # fmt: skip
    """Show letters whole: where they lay, why they were refused, what they hold, what became of them."""
    output, topics = Output(json), Topics(prefix)
    found = _named(asyncio.run(letters(bootstrap, topics, Wanted(ids, done=True))), ids)
    if output.json:
        output.lines(map(shown.as_whole, found))
    else:
        output.write(line for each in found for line in shown.page(each, program()))


@app.command(name="redrive")
def redrive_(
    ids: Ids = None,
    reason: Reasons = None,
    topic: OnTopics = None,
    type_: Types = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="Every open letter.")] = False,
    edit: Edit = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of them, and do nothing.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:
    """Publish letters again, as they are or mended; a wrong key, topic or partition is put right by that alone.

    They are checked as everything is that is published. Doing it twice changes nothing.
    """
    output, topics = Output(json), Topics(prefix)
    if not (ids or reason or topic or type_ or since or until or every or edit):
        raise BadOption(
            "ID", "name letters, choose them by --reason, --topic, --type, --since or --until, or take --all"
        )
    edits = shown.edits(edit, ids or []) if edit else {}
    wanted = _wanted(topics, ids or list(edits), reason, topic, type_, since, until, done=bool(ids or edits))
    found = asyncio.run(letters(bootstrap, topics, wanted))
    chosen = _named(found, [*(ids or []), *edits]) if ids or edits else found
    edits = {each.id: payload for each in chosen for name, payload in edits.items() if each.id.startswith(name)}
    again = [each for each in chosen if each.open]
    outcomes = (
        asyncio.run(redrive(bootstrap, topics, registers_of(registers), again, edits=edits, dry_run=dry_run))
        if again
        else []
    )
    _report(output, chosen, outcomes, dry_run=dry_run)
    if any(each.outcome == "refused" for each in outcomes):
        raise typer.Exit(FOUND_WRONG)


def _report(output: Output, chosen: list[Letter], outcomes: list[Outcome], *, dry_run: bool) -> None:
    if output.json:
        output.lines(map(shown.outcome_line, outcomes))
    elif outcomes:
        output.show(shown.outcomes_table(outcomes))
    count = Counter(each.outcome for each in outcomes)
    would = "would be " if dry_run else ""
    told = [f"{plural(count['appended'], 'event')} {would}appended", f"{count['known']} known already"]
    told += [f"{count['refused']} refused still"] * bool(count["refused"])
    told += [f"{len(chosen) - len(outcomes)} done before"] * bool(len(chosen) - len(outcomes))
    output.say(", ".join(told))
    if count["refused"]:
        name = next(each.letter for each in outcomes if each.outcome == "refused")
        output.say(f"Mend one: {program()} dlq show {name} --json > mend.jsonl, then redrive --edit mend.jsonl")


def _wanted(
    topics: Topics,
    ids: list[str] | None,
    reasons: list[str] | None,
    on: list[str] | None,
    types: list[str] | None,
    since: str | None,
    until: str | None,
    *,
    done: bool,
) -> Wanted:
    for each in reasons or ():
        if each not in REASONS:
            raise BadOption("--reason", f"{each!r} is none of {', '.join(REASONS)}")
    full = [name if name.startswith(topics.prefix + ".") else f"{topics.prefix}.{name}" for name in on or ()]
    for each in full:
        if each not in (*topics.counted, *topics.official):
            raise BadOption(
                "--topic", f"there is no event topic {each}{nearest(each, (*topics.counted, *topics.official))}"
            )
    end = 1 + _milliseconds(last_moment(until, "--until")) if until else 0
    return Wanted(ids or (), reasons or (), full, types or (), _milliseconds(_first_moment(since)), end, done=done)


def _first_moment(text: str | None) -> str | None:
    """Where a moment or a day begins."""
    if text is None or "T" in text:
        return last_moment(text, "--since")
    day = last_day(text, "--since")
    return None if day is None else f"{edtf.days(text)[0] or day}T00:00:00+00:00"


def _milliseconds(moment: str | None) -> int:
    return 0 if moment is None else int(datetime.fromisoformat(moment).timestamp() * 1000)


def _named(found: list[Letter], ids: list[str]) -> list[Letter]:
    """The letters found, if each id begins exactly one of them; NoSuchLetter otherwise."""
    for name in ids:
        meant = [each.id for each in found if each.id.startswith(name)]
        if len(meant) != 1:
            raise NoSuchLetter(name, meant)
    return found
