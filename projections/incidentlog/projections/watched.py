"""The fold of a cell that also tells which of its statements changed, where roll-ups must know them one by one."""

from __future__ import annotations

from collections.abc import Iterable
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
        #: By scope: the statement keys of what changed, and of what was told the first claim.
        self._moved: dict[str, dict[str, None]] = {}
        self._told: dict[str, dict[str, str]] = {}

    def take_moved(self) -> dict[str, dict[str, Merged | None]]:
        """For each scope, by first claim, the statements that changed since the last call; None: there is none now."""
        moved: dict[str, dict[str, Merged | None]] = {}
        if not self._telling:
            if not any(map(self.foreign_parts, self.scopes)):
                return moved
            self._telling = True
            for scope in self.scopes:
                moved[scope] = dict.fromkeys(self._claims)
                self._moved[scope] = dict.fromkeys(entry.key for entry in self._statements(scope))
        for scope, keys in self._moved.items():
            self._tell(scope, keys, moved.setdefault(scope, {}))
        self._moved.clear()
        return moved

    def _tell(self, scope: str, keys: Iterable[str], moved: dict[str, Merged | None]) -> None:
        statements = (self._scopes[scope].tally if scope else self._tally).statements
        told = self._told.setdefault(scope, {})
        now: list[Merged] = []
        for key in keys:
            entry = statements.get(key)
            before = told.pop(key, None)
            if before is not None:
                moved[before] = None
            if entry is not None:
                statement = entry.merged
                told[key] = statement.ids[0]
                now.append(statement)
        moved.update((statement.ids[0], statement) for statement in now)

    def _admit(self, entry: Entry) -> None:
        super()._admit(entry)
        self._note(entry)

    def _dismiss(self, entry: Entry) -> None:
        self._note(entry)
        super()._dismiss(entry)

    def _note(self, entry: Entry) -> None:
        if self._telling:
            self._moved.setdefault("", {})[entry.key] = None
            for place in self._within(entry):
                if place in self._scopes:
                    self._moved.setdefault(place, {})[entry.key] = None
