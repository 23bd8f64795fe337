"""A cell's statements, those attributed to a container elsewhere set apart from the rest."""

from __future__ import annotations

from collections.abc import Sequence

from incidentlog.projections.bounds import estimate
from incidentlog.projections.entry import Entry
from incidentlog.projections.merged import Merged
from incidentlog.projections.summary import Bounds
from incidentlog.projections.tally import Tally
from incidentlog.projections.wordings import entry_of_merged
from incidentlog.schemas.cells import Cell


class Rest:
    """The fold of statements that come and go, by first claim."""

    def __init__(self, cell: Cell, *, host_first: bool) -> None:
        self._entries: dict[str, Sequence[Entry]] = {}
        # While records of one cell come in any order, a claim may stand in two statements for a moment: it counts in one.
        self._claims: dict[str, dict[str, Entry]] = {}
        self._tally = Tally(cell, self._find, self._claims.__contains__, host_first=host_first)

    def put(self, statement: Merged) -> None:
        """A statement counts."""
        first = statement.ids[0]
        entry = entry_of_merged(statement, self._tally.account(*statement[2:5]))
        wordings = self._entries[first] = entry.claims
        for wording in wordings:
            standing = self._claims.setdefault(wording.id, {})
            standing[first] = wording
            if len(standing) == 1:
                self._tally.put(wording)

    def drop(self, statement: Merged) -> None:
        """A statement counts no more."""
        first = statement.ids[0]
        for wording in self._entries.pop(first):
            standing = self._claims[wording.id]
            counted = self._find(wording.id) is wording
            del standing[first]
            if not standing:
                del self._claims[wording.id]
            if counted:
                self._tally.drop(wording)
                for other in list(standing.values())[:1]:
                    self._tally.put(other)

    @property
    def bounds(self) -> Bounds:
        """(low, best, high); a best of nothing quantified is the low."""
        found = estimate(self._tally)
        return found.low, found.low if found.best is None else found.best, found.high

    def _find(self, claim: str) -> Entry | None:
        return next(iter(self._claims.get(claim, {}).values()), None)


class Split:
    """All statements of a cell by first claim, and which of them are attributed. `high` is the sum of those's highs."""

    __slots__ = ("_attributed", "_cell", "_host_first", "_rest", "_statements", "high")

    def __init__(self, cell: Cell, *, host_first: bool) -> None:
        self._cell, self._host_first = cell, host_first
        self._statements: dict[str, Merged] = {}
        self._attributed: set[str] = set()
        self._rest: Rest | None = None
        self.high = 0

    def replace(self, first: str, statement: Merged | None, *, attributed: bool) -> None:
        """Let `statement` be the one that begins with claim `first`."""
        old = self._statements.pop(first, None)
        if old is not None:
            self._take(old)
        if statement is not None:
            self._statements[first] = statement
            self._place(statement, attributed=attributed)

    def attribute(self, first: str, *, attributed: bool) -> None:
        """Let the statement that begins with claim `first` be attributed, or count for itself."""
        if attributed != (first in self._attributed):
            statement = self._statements[first]
            self._take(statement)
            self._place(statement, attributed=attributed)

    @property
    def rest(self) -> Bounds | None:
        """The cell's number without attributed claims; None where none are, and it is the cell's own."""
        return self._rest.bounds if self._attributed and self._rest is not None else None

    def _take(self, statement: Merged) -> None:
        if statement.ids[0] in self._attributed:
            self._attributed.remove(statement.ids[0])
            self.high -= statement.high
        elif self._rest is not None:
            self._rest.drop(statement)

    def _place(self, statement: Merged, *, attributed: bool) -> None:
        if not attributed:
            if self._rest is not None:
                self._rest.put(statement)
            return
        self._attributed.add(statement.ids[0])
        self.high += statement.high
        if self._rest is None:
            self._rest = Rest(self._cell, host_first=self._host_first)
            for first, other in self._statements.items():
                if first not in self._attributed:
                    self._rest.put(other)
