"""The fold of a cell that also tells which of its statements changed, where roll-ups must know them one by one."""

from __future__ import annotations

from typing import Any

from incidentlog.projections.cell import CellFold
from incidentlog.projections.entry import Entry
from incidentlog.projections.merged import Merged


class WatchedFold(CellFold):
    """Statements of a mixed cell are told from the first: each may contain claims of other cells.

    Those of another cell are told once one of them is part of a claim elsewhere: all of them then, dead ones too, since
    an earlier fold of the same cell may have told them alive.
    """

    __slots__ = ("_moved", "_telling", "_told")

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._telling = self.cell.mixed
        #: (scope, statement key) of what may have changed, and of what was told the statement.
        self._moved: set[tuple[str, str]] = set()
        self._told: dict[tuple[str, str], Merged] = {}

    def take_moved(self) -> dict[str, dict[str, Merged | None]]:
        """For each scope, by first claim, the statements that changed since the last call; None: there is none now."""
        moved: dict[str, dict[str, Merged | None]] = {}
        if not self._telling:
            if not any(map(self.foreign_parts, self.scopes)):
                return moved
            self._telling = True
            for scope in self.scopes:
                moved[scope] = dict.fromkeys(self._claims)
                self._moved.update((scope, entry.key) for entry in self._statements(scope))
        now: dict[str, dict[str, Merged | None]] = {}
        for scope, key in self._moved:
            tally = self._scopes[scope].tally if scope else self._tally
            entry = tally.statements.get(key)
            new = None if entry is None else entry.merged
            old = self._told.pop((scope, key), None)
            if new is not None:
                self._told[scope, key] = new
            if old != new:
                if old is not None:
                    moved.setdefault(scope, {})[old.ids[0]] = None
                if new is not None:
                    now.setdefault(scope, {})[new.ids[0]] = new
        self._moved.clear()
        for scope, statements in now.items():
            moved.setdefault(scope, {}).update(statements)
        return moved

    def _admit(self, entry: Entry) -> None:
        super()._admit(entry)
        self._note(entry)

    def _dismiss(self, entry: Entry) -> None:
        self._note(entry)
        super()._dismiss(entry)

    def _note(self, entry: Entry) -> None:
        if self._telling:
            self._moved.add(("", entry.key))
            if self._scopes:
                self._moved.update((place, entry.key) for place in self._within(entry) if place in self._scopes)
