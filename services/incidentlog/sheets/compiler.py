"""From a sheet to events: every finding noted, nothing given out while there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from incidentlog.schemas import paraphrase
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.claims import CLAIM_TYPES, CountedClaim
from incidentlog.schemas.context import checking
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.events import Event, claim_id, claimed
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.sheets import content, document, shape
from incidentlog.sheets.document import Document
from incidentlog.sheets.drafts import Draft, drafts
from incidentlog.sheets.errors import Finding, SheetError
from incidentlog.sheets.header import header
from incidentlog.sheets.keys import keyed
from incidentlog.sheets.links import contained
from incidentlog.sheets.reading import Reading

_OF_COUNTS = ("part_of", "same_statement", "grade")
_OF_ACTIONS = ("to", "deadline", "unit")
#: The sheet's word for a field of the event.
_WORDS = {
    "relayed_by": "via", "measure": "reports", "counting_unit": "reports", "kind": "reports", "nationality": "of",
    "population": "of", "place": "in", "places": "in", "country": "in", "subdivision": "in", "addressee": "to",
    "occasion": "said_on", "window": "until",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A compiled sheet. `source` is the article's identity; `events` in the order of the sheet; `notes` the paraphrases
    by event id, which travel apart from the events."""

    source: str
    events: list[Event]
    notes: dict[str, str] = field(default_factory=dict)
    publisher: str | None = None


def compile_sheet(
    path_or_text: Path | Traversable | str, *, registers: Registers | None = None, name: str | None = None
) -> Sheet:
    """The events of a sheet: of a file (also named by a text that ends in .yaml or .yml), or of a sheet's own text.

    `registers` are those that ship unless given; `name` is what findings call the sheet (the file's name). SheetError
    with every finding if anything in it is wrong.
    """
    registers = builtin() if registers is None else registers
    text, name = _text(path_or_text, name)
    read = document.read(text, name)
    shape.check(read)
    if not isinstance(read.data, dict):
        raise SheetError(read.findings)
    head, statements = header(read), drafts(read)
    _unique(read, statements)
    reading = Reading(read, head, {draft.ref: draft for draft in statements}, registers)
    whole = [draft for draft in statements if not draft.broken]
    events = {draft.ref: event for draft in whole if (event := _event(reading, draft)) is not None}
    _check_parts(reading, events)
    final = keyed(reading, events)
    notes = {claim_id(head.source, draft.ref): draft.fields["note"] for draft in whole if _noted(reading, draft)}
    if read.findings:
        raise SheetError(read.findings)
    return Sheet(head.source, [final[draft.ref] for draft in statements], notes, head.publisher)


def _text(path_or_text: Path | Traversable | str, name: str | None) -> tuple[str, str]:
    if isinstance(path_or_text, str) and path_or_text.endswith((".yaml", ".yml")) and "\n" not in path_or_text:
        path_or_text = Path(path_or_text)
    if isinstance(path_or_text, str):
        return path_or_text.removeprefix("\ufeff"), name or "sheet"
    name = name or (str(path_or_text) if isinstance(path_or_text, Path) else path_or_text.name)
    try:
        return path_or_text.read_text(encoding="utf-8-sig"), name
    except UnicodeDecodeError as error:
        raise SheetError([Finding(name, 1, 1, "", f"is not UTF-8 at byte {error.start}", "save it as UTF-8")]) from None
    except OSError as error:
        raise SheetError([Finding(name, 1, 1, "", f"cannot be read: {error.strerror}", "check the path")]) from None


def _unique(read: Document, statements: list[Draft]) -> None:
    seen = set[str]()
    for draft in statements:
        if draft.ref in seen:
            read.report((*draft.path, "ref"), "ref", f"{draft.ref} is taken", "give every statement a label of its own")
        seen.add(draft.ref)


def _event(reading: Reading, draft: Draft) -> Event | None:
    """The event of one statement, its statement key still open; None if there are findings."""
    before = len(reading.document.findings)
    if ("reports" in draft.fields) == ("did" in draft.fields):
        saying = "says both reports and did" if draft.counts else "says neither what it reports nor what officials did"
        reading.report(draft, "ref", f"{draft.ref} {saying}; write reports: MEASURE, or did: ACTION")
        return None
    for name in _OF_ACTIONS if draft.counts else _OF_COUNTS:
        if name in draft.fields:
            reading.report(
                draft, name, f"belongs to {'an official action' if draft.counts else 'a count'}; leave it out"
            )
    made = content.claim(reading, draft) if draft.counts else content.action(reading, draft)
    if len(reading.document.findings) > before:
        return None
    return _validated(reading, draft, made)


def _validated(reading: Reading, draft: Draft, made: dict[str, Any]) -> Event | None:
    registers = reading.registers
    try:
        if draft.counts:
            model = CLAIM_TYPES[registers.measure(draft.fields["reports"]).event_type]
            return claimed(reading.header.source, model.model_validate(made, context=checking(registers)))
        action = ACTION_TYPES[draft.fields["did"]]
        return claimed(reading.header.source, action.model_validate(made, context=checking(registers)))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            inner: Any = each.get("ctx", {}).get("error")
            own = isinstance(inner, InvalidValue)
            name = str(each["loc"][0]) if each["loc"] else inner.field if own else "ref"
            reading.report(draft, _WORDS.get(name, name), inner.problem if own else each["msg"])
        return None


def _noted(reading: Reading, draft: Draft) -> bool:
    text = draft.fields.get("note")
    for found in paraphrase.problems(text, reading.registers) if text else ():
        reading.report(draft, "note", found)
    return bool(text)


def _check_parts(reading: Reading, events: dict[str, Event]) -> None:
    for ref, event in events.items():
        draft = reading.drafts[ref]
        whole = events.get(str(draft.fields.get("part_of")))
        if whole is not None and isinstance(event.data, CountedClaim):
            reading.read(draft, "part_of", contained, event.data, whole)
        around = _chain(reading, ref)
        if ref in around:
            names = ", ".join(sorted(around))
            reading.report(draft, "part_of", f"{ref} lies in itself this way; leave out one part_of of {names}")


def _chain(reading: Reading, ref: str) -> list[str]:
    """The refs of what contains `ref`, one after the other, until they end or repeat."""
    chain: list[str] = []
    step = str(reading.drafts[ref].fields.get("part_of"))
    while step in reading.drafts and step not in chain:
        chain.append(step)
        step = str(reading.drafts[step].fields.get("part_of"))
    return chain
