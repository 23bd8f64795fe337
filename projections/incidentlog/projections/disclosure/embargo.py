"""Embargoes: claims that must not be in the public view before a day, such as open rescue requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from incidentlog.projections.events import Events
from incidentlog.schemas.statements import CLAIM, CORRECTION, Statement


def released(statements: Iterable[Statement], today: date) -> list[Statement]:
    """The statements of one cell without the claims that are under embargo on `today`: as if those were not published yet."""
    listed = list(statements)
    days = _days(listed)
    return [each for each in listed if not _held(days.get(each.id), today)] if days else listed


def opening(statements: Iterable[Statement], today: date) -> date | None:
    """The next day on which the public view of a cell grows by itself; None if nothing in it is under embargo on `today`."""
    return min((day for day in _days(list(statements)).values() if today < day), default=None)


def embargo_of(statement: Statement) -> date | None:
    """The day before which what one event says is not public, by its own words."""
    told = statement.told or {}
    text = told.get("embargo_until") or (told.get("action") or {}).get("embargo_until")
    return date.fromisoformat(text) if text else None


def _days(statements: list[Statement]) -> dict[str, date]:
    """By id of the claims that have one, the embargo of what holds: the newest correction's, else their own."""
    if all(embargo_of(each) is None for each in statements):
        return {}
    events = Events("")
    for each in statements:
        if each.verb != CLAIM and each.id not in events.by_id:
            events.add(each)
    found: dict[str, date] = {}
    for claim in statements:
        day = embargo_of(_holding(claim, events)) if claim.verb == CLAIM else None
        if day is not None:
            found[claim.id] = max(day, found.get(claim.id, day))
    return found


def _holding(claim: Statement, events: Events) -> Statement:
    """The event whose content a claim has now."""
    key = claim.content.statement_key if claim.content is not None else ""
    corrections = [each for each in events.of(claim.id, key) if each.verb == CORRECTION and events.holds(each.id)]
    return max(corrections, key=lambda each: ((each.told or {}).get("published", ""), each.id), default=claim)


def _held(day: date | None, today: date) -> bool:
    return day is not None and today < day
