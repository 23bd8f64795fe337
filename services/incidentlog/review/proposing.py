"""From a claim's dossier to a proposal: the verdict's event, and what it would do. Pure: nothing is read or appended here."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from incidentlog.client.admission import Admission
from incidentlog.projections.effects import Effect, effects
from incidentlog.projections.precedence import Precedence
from incidentlog.review.dossier import Dossier
from incidentlog.review.errors import AlreadySo, BadChange, NotAnOffice
from incidentlog.review.requests import CorrectIt, RedactIt, Request
from incidentlog.review.verdicts import current, verdict
from incidentlog.schemas import paraphrase, records, reviewers
from incidentlog.schemas.about import AboutClaims, ClaimRedacted
from incidentlog.schemas.contributions import Contribution
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.rows import ActionRow
from incidentlog.schemas.topics import Topics

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A verdict that nobody has confirmed yet: its `event`, about `subject`, a claim or an event about one.

    `numbers` are all that count the cell, `erases` the claims whose paraphrases would go for good, `note` the paraphrase
    that would come.
    """

    event: Event
    subject: Event
    numbers: list[Effect]
    erases: tuple[str, ...] = ()
    note: str | None = None

    def lines(self) -> list[Line]:
        """What becomes of each number, as JSON: an object each, in the same order for the same numbers."""
        return [
            {
                "projection": each.projection, "key": each.key, "changed": each.changed,
                "before": _said(each.before), "after": _said(each.after),
            }
            for each in self.numbers
        ]  # fmt: skip

    @property
    def digest(self) -> str:
        """Says what was proposed, and what it was said to do: another one if either would be another."""
        told = [wrap(self.event), self.note, self.erases, self.lines()]
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def drafted(request: Request, found: Dossier, topics: Topics, registers: Registers, decided: datetime) -> Event:
    """The event that does what is asked for. A ReviewError says why it cannot be, a PublishError what the edge would not take."""
    check_office(request.by, registers)
    event = verdict(request, found, registers, decided)
    Admission(topics, registers, None, lambda: decided).admit(event)
    return event


def proposed(
    event: Event,
    found: Dossier,
    precedence: Precedence,
    noted: Collection[str] = (),
    note: str | None = None,
    beside: Iterable[Contribution] = (),
) -> Proposal:
    """The event with what it would do: `noted` are the claims that have a paraphrase, `beside` is what cells that are not in
    the dossier contribute to roll-ups."""
    _, at, statement = records.read(wrap(event))
    numbers = effects(at, found.statements, [(at, statement)], precedence, beside)
    erases: tuple[str, ...] = ()
    if isinstance(event.data, ClaimRedacted):
        erases = tuple(sorted(set(noted).intersection(found.worded(event.data.target))))
    return Proposal(event, found.subject, numbers, erases, note)


def check_office(name: str | None, registers: Registers) -> None:
    """NotAnOffice unless this may stand behind a verdict."""
    wrong = reviewers.problem(name or "", registers)
    if wrong:
        raise NotAnOffice(name or "", wrong)


def check_erasure(request: Request, found: Dossier, noted: Collection[str]) -> None:
    """AlreadySo if the claim is to be redacted, was so before, and has no paraphrase."""
    if isinstance(request, RedactIt) and not (noted or request.wordings) and (before := found.redactions()):
        raise AlreadySo(current(found).ref, f"was redacted by {before[-1].id}")


def note_in(request: Request, found: Dossier, registers: Registers) -> str | None:
    """The paraphrase that a correction brings, if any."""
    if not isinstance(request, CorrectIt) or not request.note:
        return None
    assert not isinstance(found.subject.data, AboutClaims)
    wrong = paraphrase.problems(request.note, registers)
    if wrong:
        raise BadChange(found.subject.data.ref, f"note: {'; '.join(wrong)}")
    return request.note


def _said(row: Any) -> Line | None:
    if row is None:
        return None
    if isinstance(row, ActionRow):
        return {"type": row.type, "ref": row.ref, "end": row.end}
    return {"low": row.low, "best": row.best, "high": row.high, "as_of": row.as_of, "flags": list(row.flags)}
