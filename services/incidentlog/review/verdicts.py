"""From a request to the event that carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from incidentlog.review.dossier import Dossier
from incidentlog.review.errors import (
    AlreadySo,
    BadChange,
    ErasedForGood,
    NotAClaim,
    NothingToUndo,
    Outranked,
)
from incidentlog.review.requests import CorrectIt, GradeIt, OfWordings, RedactIt, Request, RetractIt, UndoIt
from incidentlog.schemas.about import AboutClaims, ClaimCorrected, ClaimGraded, ClaimRedacted, ClaimRetracted, Target
from incidentlog.schemas.actions import OfficialAction
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.codec import problems
from incidentlog.schemas.context import checking
from incidentlog.schemas.edtf import last_moment
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.events import Event, about, dump
from incidentlog.schemas.quantities import quantity
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.statements import CORRECTION, GRADES, GRADING, REDACTION, RETRACTION, Statement

#: Times that a correction is dated a microsecond later until it counts instead of one published at the same time.
_TRIES = 20_000
Claimed = CountedClaim | OfficialAction


def verdict(request: Request, found: Dossier, registers: Registers, decided: datetime) -> Event:
    """The event that does what is asked for; a ReviewError if that cannot be, or would change nothing."""
    if isinstance(request, UndoIt):
        return _undo(request, found, decided)
    subject = found.subject
    if isinstance(subject.data, AboutClaims):
        raise NotAClaim(subject.id, subject.type, _verb(request))
    if isinstance(request, CorrectIt):
        return _correction(request, found, subject.data, registers, decided)
    assert isinstance(request, OfWordings)
    said: dict[str, Any] = {"reason": request.reason, "decided": decided, "by": request.by}
    said["target"] = _target(subject, wordings=request.wordings)
    if isinstance(request, GradeIt):
        _check_grade(request, found)
        return _unspent(found, ClaimGraded(grade=request.grade, **said))
    if isinstance(request, RetractIt):
        _check_retraction(request, found)
        return _unspent(found, ClaimRetracted(**said))
    return _unspent(found, ClaimRedacted(**said))


def grade_now(found: Dossier) -> str:
    """How sure the claim is by what is said of it now; "" for what has no grade."""
    data = current(found)
    graded = [each for each in found.holding() if each.verb == GRADING]
    if not isinstance(data, CountedClaim):
        return ""
    return GRADES[max(graded, key=lambda each: (each.time, each.id)).grade] if graded else data.grade


def current(found: Dossier) -> Claimed:
    """What the claim says after the corrections that hold."""
    rivals = _corrections(found)
    if not rivals:
        assert not isinstance(found.subject.data, AboutClaims)
        return found.subject.data
    newest = found.event(max(rivals, key=lambda each: (_published(each), each.id)).id).data
    assert isinstance(newest, ClaimCorrected)
    return newest.content


def _undo(request: UndoIt, found: Dossier, decided: datetime) -> Event:
    subject = found.subject
    if isinstance(subject.data, AboutClaims):
        last = found.about.by_id[subject.id]
        if not found.about.holds(last.id):
            raise AlreadySo(last.id, "was undone already")
    else:
        said = found.holding()
        if not said:
            raise NothingToUndo(subject.data.ref)
        last = said[-1]
    if last.verb == REDACTION:
        raise ErasedForGood(last.id)
    target = Target(type=subject.home, cell=str(subject.cell), id=last.id)
    return _unspent(found, ClaimRetracted(target=target, reason=request.reason, decided=decided, by=request.by))


def _correction(request: CorrectIt, found: Dossier, claim: Claimed, registers: Registers, decided: datetime) -> Event:
    old = current(found)
    new = _changed(claim.ref, old, request.changes, registers)
    if new == old and not request.published:
        raise AlreadySo(claim.ref, "says so already")
    try:
        published = {"edtf": request.published} if request.published else old.published
        data = ClaimCorrected(
            target=_target(found.subject), reason=request.reason, decided=decided, by=request.by, content=new, published=published
        )  # fmt: skip
    except (ValidationError, InvalidValue) as error:
        raise BadChange(claim.ref, problems(error) if isinstance(error, ValidationError) else str(error)) from error
    at = last_moment(data.published.edtf)
    rivals = _corrections(found)
    newer = max(rivals, key=_published, default=None)
    if newer is not None and _published(newer) > at:
        raise Outranked(claim.ref, newer.id, _published(newer)[:10])
    above = max((each.id for each in rivals if _published(each) == at), default="")
    event = _unspent(found, data, lambda name: name > above)
    if event.id <= above:
        raise Outranked(claim.ref, above, at[:10])
    return event


def _changed(ref: str, old: Claimed, changes: Mapping[str, Any], registers: Registers) -> Claimed:
    content = {**dump(old), **changes}
    try:
        phrase = content.get("quantity")
        if isinstance(phrase, str):
            read = quantity(phrase)
            content["quantity"] = {name: getattr(read, name) for name in ("low", "best", "high", "qualifier", "stated")}
            content["prior_unknown"] = read.prior_unknown
        content = {name: value for name, value in content.items() if value is not None}
        return type(old).model_validate(content, context=checking(registers))
    except ValidationError as error:
        raise BadChange(ref, problems(error)) from error
    except InvalidValue as error:
        raise BadChange(ref, str(error)) from error


def _check_grade(request: GradeIt, found: Dossier) -> None:
    now = grade_now(found)
    if not now:
        raise NotAClaim(found.subject.id, found.subject.type, "grade")
    if now == request.grade and not request.wordings:
        raise AlreadySo(current(found).ref, f"is graded {now}")


def _check_retraction(request: RetractIt, found: Dossier) -> None:
    by = [each.id for each in found.holding() if each.verb == RETRACTION]
    if by and not request.wordings:
        raise AlreadySo(current(found).ref, f"was retracted by {by[-1]}")


def _target(subject: Event, *, wordings: bool = False) -> Target:
    key = getattr(subject.data, "statement_key", None) if wordings else None
    return Target(type=subject.type, cell=str(subject.cell), id=None if key else subject.id, statement_key=key)


def _corrections(found: Dossier) -> list[Statement]:
    return [each for each in found.holding() if each.verb == CORRECTION]


def _published(correction: Statement) -> str:
    return str((correction.told or {})["published"])


def _unspent(found: Dossier, data: AboutClaims, fit: Callable[[str], bool] = bool) -> Event:
    """The event, a microsecond later until its id is one that the log has not seen, and a `fit` one: ids come from content."""
    event = about(found.subject.source, data)
    for _ in range(_TRIES):
        if event.id not in found.raw and fit(event.id):
            break
        data = data.model_copy(update={"decided": data.decided + timedelta(microseconds=1)})
        event = about(found.subject.source, data)
    return event


def _verb(request: Request) -> str:
    return {GradeIt: "grade", CorrectIt: "correct", RetractIt: "retract", RedactIt: "redact"}[type(request)]
