"""What officials did or said: one row per action, key = its event id. Nothing is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from incidentlog.projections.projection import Filed, Projection
from incidentlog.schemas.rows import OFFICIAL_ACTIONS as NAME
from incidentlog.schemas.rows import ActionRow
from incidentlog.schemas.statements import CLAIM, CORRECTION, RETRACTION, Statement


class Shelf:
    """The official actions of one cell and the events about them: a set, so that no order of arrival matters."""

    def __init__(self, *, until: int = 0, known: str = "") -> None:
        self._until, self._known = until, known
        self._events: dict[str, Statement] = {}
        self._about: dict[str, set[str]] = {}
        self._rows: dict[str, ActionRow] = {}
        self._changed: set[str] = set()

    def add(self, statement: Statement) -> bool:
        """Take `statement` into the set; whether that changed it. Of two contents under one id the least holds."""
        if self._known and statement.recorded > self._known:
            return False
        held = self._events.get(statement.id)
        if held is not None and (held.recorded, held.digest) <= (statement.recorded, statement.digest):
            return False
        if held is not None:
            self._about.get(held.target, set()).discard(held.id)
            self._changed.add(self._root(held))
        self._events[statement.id] = statement
        if statement.target:
            self._about.setdefault(statement.target, set()).add(statement.id)
        self._changed.add(self._root(statement))
        return True

    def take_changed(self) -> dict[str, ActionRow | None]:
        """Row of each action that may have changed since the last call; None for one that is gone."""
        changed: dict[str, ActionRow | None] = {}
        for key in sorted(self._changed):
            row = self._row(key)
            if row is None:
                gone = self._rows.pop(key, None)
                if gone is not None:
                    changed[key] = None
            elif row != self._rows.get(key):
                self._rows[key] = changed[key] = row
        self._changed.clear()
        return changed

    def rows(self) -> dict[str, ActionRow]:
        """Every row."""
        self.take_changed()
        return self._rows

    def _root(self, statement: Statement) -> str:
        """What an event is about in the end: an undo of a retraction is about the action retracted."""
        seen = {statement.id}
        while statement.target and statement.target not in seen:
            seen.add(statement.target)
            about = self._events.get(statement.target)
            if about is None:
                return statement.target
            statement = about
        return statement.id

    def _holds(self, event: str) -> bool:
        """Whether no retraction that holds names `event`."""
        reached = [event]
        for name in reached:  # grows; each retraction names one event, so none is reached twice
            reached += self._retractions(name)
        holds: dict[str, bool] = {}
        for name in reversed(reached):
            holds[name] = not any(holds[each] for each in self._retractions(name))
        return holds[event]

    def _retractions(self, event: str) -> list[str]:
        return [each for each in self._about.get(event, ()) if self._events[each].verb == RETRACTION]

    def _row(self, key: str) -> ActionRow | None:
        action = self._events.get(key)
        if action is None or action.verb != CLAIM or not self._holds(key):
            return None
        about = [self._events[each] for each in self._about.get(key, ())]
        corrections = [each for each in about if each.verb == CORRECTION and self._holds(each.id)]
        newest = max(corrections, key=lambda each: ((each.told or {}).get("published", ""), each.id), default=action)
        told = newest.told or {}
        if "action" not in told:
            return None
        row = _row_of(key, (action.told or {})["type"], told["source"], told["action"])
        return None if self._until and date.fromisoformat(row.end).toordinal() > self._until else row


def official_actions(*, until: int = 0, known: str = "") -> Projection[Filed, Shelf]:
    """The timeline of official actions up to day `until` (ordinal), of what was `known` by then; no limits by default."""

    def initial(_key: str) -> Shelf:
        return Shelf(until=until, known=known)

    return Projection(NAME, "statements", _keys, initial, _apply, _rows)


def _keys(event: Filed) -> Iterable[str]:
    return (str(event.cell),) if event.cell.official else ()


def _apply(shelf: Shelf, event: Filed) -> Shelf:
    shelf.add(event.statement)
    return shelf


def _rows(_key: str, shelf: Shelf) -> Iterator[tuple[str, ActionRow]]:
    yield from sorted(shelf.rows().items())


def _row_of(key: str, event_type: str, source: str, action: dict[str, Any]) -> ActionRow:
    window = action["window"]
    return ActionRow(
        projection=NAME,
        key=key,
        type=event_type,
        ref=action["ref"],
        authority=action["authority"]["id"],
        relayed_by=action.get("relayed_by"),
        nationality=action.get("nationality"),
        places=tuple(place.get("subdivision") or place["country"] for place in action.get("places", ())),
        start=window["start"],
        end=window["end"],
        edtf=window["edtf"],
        quantity=action.get("quantity"),
        addressee=action.get("addressee"),
        deadline=action.get("deadline"),
        published=action["published"]["edtf"],
        embargo_until=action.get("embargo_until"),
        source=source,
    )


OFFICIAL_ACTIONS = official_actions()
