"""Statement keys: which claims of a sheet are wordings of one utterance."""

from __future__ import annotations

from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.events import Event, utterance
from incidentlog.sheets.reading import Reading


def keyed(reading: Reading, events: dict[str, Event]) -> dict[str, Event]:
    """The events with their statement keys: that of the claim they name, else what their own content implies."""
    final = dict(events)
    for ref, event in events.items():
        if isinstance(event.data, CountedClaim):
            key = reading.read(reading.drafts[ref], "same_statement", _key, reading, events, ref) or utterance(
                event.data
            )
            final[ref] = Event(event.id, event.source, event.data.model_copy(update={"statement_key": key}))
    _tell_apart(reading, final)
    return final


def _tell_apart(reading: Reading, events: dict[str, Event]) -> None:
    """A finding for two counts of one occasion that would pass for one utterance though their windows end apart.

    As when an article recalls an older total: it was said on another day, and merged with the new one it would hide it.
    """
    first: dict[str, tuple[str, CountedClaim]] = {}
    for ref, event in events.items():
        if not isinstance(event.data, CountedClaim) or "same_statement" in reading.drafts[ref].fields:
            continue
        other, claim = first.setdefault(event.data.statement_key, (ref, event.data))
        if claim.window.end != event.data.window.end:
            reading.report(reading.drafts[ref], "said_on", f"would be one utterance with {other}, but ends on "
                           f"{event.data.window.end}, not {claim.window.end}; write said_on: the day each was said, or "
                           f"same_statement: {other} if they are wordings of one")  # fmt: skip


def _key(reading: Reading, events: dict[str, Event], ref: str) -> str | None:
    first, passed = events[ref], {ref}
    while (named := reading.drafts[ref].fields.get("same_statement")) is not None:
        named = str(named)
        if "|" in named:
            return named
        if named not in reading.drafts:
            raise InvalidValue("same_statement", f'no statement "{named}" in this sheet; write a ref of this sheet, '
                               "or for another article the whole key that `incidentlog why` prints")  # fmt: skip
        if named in passed:
            raise InvalidValue("same_statement", f"{named} and {ref} name each other; leave it out of one of them")
        if named not in events:
            return None  # the other statement has findings of its own
        ref = named
        passed.add(ref)
    found = events[ref].data
    if not isinstance(found, CountedClaim) or found.cell != first.cell:
        raise InvalidValue("same_statement", f"{ref} is in {events[ref].cell}, this in {first.cell}; "
                           "wordings of one utterance share measure, people and host")  # fmt: skip
    return utterance(found)
