"""Sheets that were published before and have changed since: what is different, and the events that amend the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from rich import box
from rich.table import Table

from incidentlog.client import History
from incidentlog.client.known import Known
from incidentlog.schemas.actions import OfficialAction
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.codec import decode
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import Event, dump
from incidentlog.schemas.numbers import NOT_QUANTIFIED, best, count, high
from incidentlog.schemas.topics import Topics
from incidentlog.sheets import Change, Sheet, amend, difference

#: Set by whoever publishes, or found by machine: of no interest to whoever changed a sheet.
_SILENT = frozenset({"evidence", "ref"})
Claim = CountedClaim | OfficialAction


@dataclass(frozen=True, slots=True)
class Amended:
    """An article of which the log has something, what its sheets say of it now, and how the log differs."""

    source: str
    place: str
    said: list[Event]
    changes: list[Change]
    left_retracted: list[str]
    """Refs of statements that the sheets have, yet someone has retracted, and nobody asked to bring back."""

    def events(self) -> list[Event]:
        """What brings the log to say what the sheets say."""
        return amend(self.changes, decided=datetime.now(UTC))

    @property
    def amendments(self) -> list[Change]:
        """The changes of what was published; what was only added needs no amending."""
        return [change for change in self.changes if change.kind != "added"]

    @property
    def unchanged(self) -> int:
        """How many statements the log has as the sheets have them."""
        return len(self.said) - sum(change.new is not None for change in self.changes)

    def refs(self) -> dict[str, str]:
        """The labels of its statements by claim id, those that are no longer in the sheets as well."""
        old = (change.old for change in self.changes if change.old)
        return {event.id: event.data.ref for event in (*old, *self.said) if isinstance(event.data, Claim)}


async def amended(
    bootstrap: str, topics: Topics, known: Known, sheets: Mapping[str, Sheet], *, restore: bool
) -> dict[str, Amended]:
    """By source, the articles of which the log has something; with `restore`, what someone has retracted is a change."""
    said: dict[str, list[Event]] = {}
    for sheet in sheets.values():
        said.setdefault(sheet.source, []).extend(sheet.events)
    said = {source: events for source, events in said.items() if any(known.get(event.id) for event in events)}
    log = await _events(bootstrap, topics, said) if said else []
    places = {sheet.source: name for name, sheet in sheets.items()}
    found = {source: difference(log, events) for source, events in said.items()}
    amendments = {}
    for source, changes in found.items():
        left = [] if restore else [change.ref for change in changes if change.kind == "restored"]
        wanted = [change for change in changes if restore or change.kind != "restored"]
        amendments[source] = Amended(source, places[source], said[source], wanted, left)
    return amendments


async def _events(bootstrap: str, topics: Topics, sources: Iterable[str]) -> list[Event]:
    """All claims of these articles, and all events about claims, whoever they are from."""
    marks = [b"org.incidentlog.Claim", *(orjson.dumps(source) for source in sources)]
    events = []
    async with History(bootstrap, topics=topics) as history:
        async for record in history.records():
            value = record.value or b""
            if any(mark in value for mark in marks):
                try:
                    events.append(decode(value))
                except DecodeError:
                    continue  # a dead letter by now: the folds do not count it either
    return events


def table(changes: Iterable[Change], refs: Mapping[str, str]) -> Table:
    """What would be different, statement by statement; `refs` are labels to show instead of claim ids."""
    grid = Table(box=box.SIMPLE_HEAD, title="The log says something else than the sheet", title_justify="left",
                 title_style="bold", show_edge=False, pad_edge=False)  # fmt: skip
    for heading in ("ref", "", "was → is"):
        grid.add_column(heading, no_wrap=heading != "was → is")
    for change in changes:
        grid.add_row(change.ref, change.kind, "\n".join(_told(change, refs)))
    return grid


def _told(change: Change, refs: Mapping[str, str]) -> Iterator[str]:
    if change.kind == "moved" and change.old and change.new:
        yield f"{change.old.cell} → {change.new.cell}"
    elif change.kind == "changed" and change.old and change.new:
        old, new = dump(change.old.data), dump(change.new.data)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name) and name not in _SILENT:
                yield f"{name}: {_short(old.get(name), refs)} → {_short(new.get(name), refs)}"
    elif change.kind == "removed":
        yield "no longer in the sheet: to be retracted"
    elif change.kind == "restored":
        yield "was retracted: to count again"


def _short(value: Any, refs: Mapping[str, str]) -> str:
    if isinstance(value, dict) and "low" in value:
        return f"{count(value['low'])} / {best(value['best'])} / {high(value['high'])}"
    if isinstance(value, dict) and "edtf" in value:
        return str(value["edtf"])
    if isinstance(value, list):
        return ", ".join(_short(each, refs) for each in value) or NOT_QUANTIFIED
    if isinstance(value, str):
        return refs.get(value, value)
    return NOT_QUANTIFIED if value is None else orjson.dumps(value).decode()


def as_json(change: Change, refs: Mapping[str, str]) -> dict[str, Any]:
    """The line that tells of a change."""
    event = change.new or change.old
    return {
        "change": change.kind,
        "ref": change.ref,
        "id": event.id if event else None,
        "told": list(_told(change, refs)),
    }
