"""The events that carry out what a difference found: the log is only ever added to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from incidentlog.schemas.about import AboutClaims, ClaimCorrected, ClaimRetracted, Reason, Target
from incidentlog.schemas.events import Event, about
from incidentlog.sheets.difference import Change


def amend(changes: Iterable[Change], *, decided: datetime, reason: Reason = "coding_error") -> list[Event]:
    """The events that bring the log from its old state to the new one, to be appended together.

    `decided` (with a time zone) is when the sheet was changed, `reason` why. Amending the same changes again gives the
    same events; once they are in the log, nothing differs any more.
    """
    return [event for change in changes for event in _events(change, decided, reason)]


def _events(change: Change, decided: datetime, reason: Reason) -> Iterator[Event]:
    for undone in change.undo:
        yield _retraction(change, undone, decided, "undo")
    if change.old is not None and change.kind in ("moved", "removed"):
        yield _retraction(change, change.old, decided, reason)
    if change.new is not None and change.step == "claim":
        yield change.new
    if change.new is not None and change.step == "correction":
        yield _correction(change, change.new, decided, reason)


def _retraction(change: Change, event: Event, decided: datetime, reason: Reason) -> Event:
    target = Target(type=event.home, cell=str(event.cell), id=event.id)
    return _unspent(change, event.source, ClaimRetracted(target=target, reason=reason, decided=decided))


def _correction(change: Change, claim: Event, decided: datetime, reason: Reason) -> Event:
    data, target = claim.data, Target(type=claim.type, cell=str(claim.cell), id=claim.id)
    assert not isinstance(data, AboutClaims)
    # The article appeared when it did: dated by the verdict, the claim would rank as if it were newer than it is.
    content = ClaimCorrected(target=target, reason=reason, decided=decided, content=data, published=data.published)
    return _unspent(change, claim.source, content)


def _unspent(change: Change, source: str, data: AboutClaims) -> Event:
    """The event, a microsecond later for each time the log has seen and undone it: ids come from content."""
    event = about(source, data)
    while event.id in change.spent:
        data = data.model_copy(update={"decided": data.decided + timedelta(microseconds=1)})
        event = about(source, data)
    return event
