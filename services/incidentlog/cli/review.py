"""`incidentlog review`: verdicts on claims, each with what it would do to every number before it is confirmed."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_args

import orjson
import typer

from incidentlog.cli import effects
from incidentlog.cli.errors import FOUND_WRONG, BadOption, BadReview, NotConfirmed, UnreadableFile
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix, RegisterFiles, program, registers_of
from incidentlog.cli.output import Output
from incidentlog.review import (
    CorrectIt,
    GradeIt,
    Proposal,
    RedactIt,
    Request,
    RetractIt,
    Review,
    ReviewError,
    UndoIt,
)
from incidentlog.schemas.about import Reason
from incidentlog.schemas.claims import Grade
from incidentlog.schemas.nearest import nearest
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import Topics

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
REASONS = tuple(each for each in get_args(Reason) if each != "undo")
Name = Annotated[
    str, typer.Argument(metavar="CLAIM", help="Its ref, such as S2-03, or its id or how that begins.", show_default=False)
]  # fmt: skip
Within = Annotated[
    str, typer.Option("--in", metavar="NUMBER", help="The number it stands in, such as rescued/VNM/KHM, if its ref is not the only one.", show_default=False)
]  # fmt: skip
By = Annotated[
    str, typer.Option("--by", metavar="OFFICE", help="Office or role, such as DATA-DESK; never a person.", show_default=False)
]  # fmt: skip
Why = Annotated[str, typer.Option("--reason", metavar="WORD", help=f"One of {', '.join(REASONS)}.", show_default=False)]
Wordings = Annotated[bool, typer.Option("--all-wordings", help="All wordings of its statement as well.")]
Yes = Annotated[bool, typer.Option("--yes", help="Append it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")]


@dataclass(frozen=True, slots=True)
class Call:
    """How a verb was called: where, and whether to ask."""

    yes: bool
    dry_run: bool
    bootstrap: str
    prefix: str
    registers: list[str] | None
    json: bool | None
    output: Output = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "output", Output(self.json))
        if not (self.yes or self.dry_run or sys.stdin.isatty()):
            raise NotConfirmed


@app.callback()
def _review() -> None:
    """Grade, correct, retract or redact claims, or undo that."""


@app.command()
def grade(
    name: Name,
    sure: Annotated[str, typer.Argument(metavar="GRADE", help="firm, probable or possible.", show_default=False)],
    by: By, reason: Why, wordings: Wordings = False, within: Within = "", yes: Yes = False, dry_run: DryRun = False,
    bootstrap: Bootstrap = BOOTSTRAP, prefix: Prefix = "incidentlog", registers: RegisterFiles = None, json: Json = None,
) -> None:  # fmt: skip
    """Say how sure a claim is: only firm ones count in low and best."""
    given: Any = _one_of("GRADE", sure, get_args(Grade))
    request = GradeIt(by=by, reason=_reason(reason), grade=given, wordings=wordings)
    _run(Call(yes, dry_run, bootstrap, prefix, registers, json), request, name, within)


@app.command()
def correct(
    name: Name, by: By, reason: Why,
    quantity: Annotated[str, typer.Option("--quantity", metavar="PHRASE", help="The right number in words, such as 'about 600'.", show_default=False)] = "",
    edit: Annotated[str, typer.Option("--edit", metavar="FILE", help="A JSON object of the fields that differ, as in the event. - is standard input.", show_default=False)] = "",
    published: Annotated[str, typer.Option("--published", metavar="DAY", help="When the correction appeared. Default: when the claim did.", show_default=False)] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="A new paraphrase, without names.", show_default=False)] = "",
    within: Within = "", yes: Yes = False, dry_run: DryRun = False,
    bootstrap: Bootstrap = BOOTSTRAP, prefix: Prefix = "incidentlog", registers: RegisterFiles = None, json: Json = None,
) -> None:  # fmt: skip
    """Give a claim other content; it keeps its id, its type and its cell."""
    if not (quantity or edit):
        raise BadOption("--quantity", "say what is right with it, or with --edit FILE")
    changes = (_fields(edit) if edit else {}) | ({"quantity": quantity} if quantity else {})
    request = CorrectIt(by=by, reason=_reason(reason), changes=changes, published=published, note=note)
    _run(Call(yes, dry_run, bootstrap, prefix, registers, json), request, name, within)


@app.command()
def retract(
    name: Name, by: By, reason: Why, wordings: Wordings = False, within: Within = "", yes: Yes = False,
    dry_run: DryRun = False, bootstrap: Bootstrap = BOOTSTRAP, prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None, json: Json = None,
) -> None:  # fmt: skip
    """Let a claim no longer count."""
    request = RetractIt(by=by, reason=_reason(reason), wordings=wordings)
    _run(Call(yes, dry_run, bootstrap, prefix, registers, json), request, name, within)


@app.command()
def redact(
    name: Name, by: By, reason: Why, wordings: Wordings = False, within: Within = "", yes: Yes = False,
    dry_run: DryRun = False, bootstrap: Bootstrap = BOOTSTRAP, prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None, json: Json = None,
) -> None:  # fmt: skip
    """Erase a claim's paraphrase for good; the claim still counts. This cannot be undone."""
    request = RedactIt(by=by, reason=_reason(reason), wordings=wordings)
    _run(Call(yes, dry_run, bootstrap, prefix, registers, json), request, name, within)


@app.command()
def undo(
    name: Annotated[str, typer.Argument(metavar="CLAIM", help="The claim whose last verdict is taken back, or that verdict's own id.", show_default=False)],
    by: By, within: Within = "", yes: Yes = False, dry_run: DryRun = False, bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog", registers: RegisterFiles = None, json: Json = None,
) -> None:  # fmt: skip
    """Take back the last verdict on a claim that holds."""
    _run(Call(yes, dry_run, bootstrap, prefix, registers, json), UndoIt(by=by), name, within)


def _run(call: Call, request: Request, name: str, within: str) -> None:
    review = Review(call.bootstrap, Topics(call.prefix), registers_of(call.registers))
    try:
        proposal = asyncio.run(review.propose(request, name, within))
    except ReviewError as error:
        raise BadReview(error) from error
    _show(call.output, proposal)
    if call.dry_run:
        call.output.say("nothing was appended: --dry-run")
        return
    if not call.yes and not typer.confirm("Append it?", err=True):
        call.output.say("nothing was appended")
        raise typer.Exit(FOUND_WRONG)
    receipt = asyncio.run(review.confirm(proposal))
    if call.output.json:
        call.output.lines([{"event": receipt.event_id, "outcome": receipt.outcome}])
    again = "" if proposal.erases else f"; take it back: {program()} review undo {receipt.event_id} --by {request.by}"
    call.output.say(f"event {receipt.event_id} {receipt.outcome}{again}")


def _show(output: Output, proposal: Proposal) -> None:
    output.say(effects.headline(proposal))
    if output.json:
        output.lines(proposal.lines())
    else:
        output.show(effects.table(proposal.numbers))
    if proposal.event.type == "ClaimRedacted":
        output.say(f"{plural(len(proposal.erases), 'paraphrase')} would be erased for good; no number changes")


def _reason(word: str) -> Any:
    return _one_of("--reason", word, REASONS)


def _one_of(option: str, word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise BadOption(option, f"{word!r} is none of them{nearest(word, words)}")
    return word


def _fields(name: str) -> dict[str, Any]:
    try:
        read = orjson.loads(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error
    except orjson.JSONDecodeError as error:
        raise BadOption("--edit", f"{name} is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise BadOption("--edit", f'{name} is no JSON object of fields, such as {{"prior_unknown": true}}')
    return read
