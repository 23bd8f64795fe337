"""A cell's statements, those attributed to a container elsewhere set apart from the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incidentlog.projections.bounds import estimate
from incidentlog.projections.entry import Entry
from incidentlog.projections.merged import Merged
from incidentlog.projections.summary import Bounds
from incidentlog.projections.tally import Tally
from incidentlog.projections.wordings import entry_of_merged
from incidentlog.schemas.cells import Cell


class Rest:
    """The fold of statements that come and go, by first claim."""

    __slots__ = ("_again", "_claims", "_entries", "_tally")

    def __init__(self, cell: Cell, *, host_first: bool) -> None:
        self._entries: dict[str, Sequence[Entry]] = {}
        self._claims: dict[str, Entry] = {}
        # While records of one cell come in any order, a claim may stand in two statements for a moment: it counts in one.
        self._again: dict[str, list[Entry]] = {}
        self._tally = Tally(cell, self._claims.get, self._claims.__contains__, host_first=host_first)

    def put(self, first: str, statement: Merged) -> None:
        """A statement counts."""
        wordings = entry_of_merged(statement, self._tally.account(statement[2:5])).claims
        self._entries[first] = wordings
        for wording in wordings:
            if self._claims.setdefault(wording.id, wording) is wording:
                self._tally.put(wording)
            else:
                self._again.setdefault(wording.id, []).append(wording)

    def drop(self, first: str) -> None:
        """The statement that begins with this claim counts no more, if it did."""
        for wording in self._entries.pop(first, ()):
            name = wording.id
            others = self._again.get(name)
            if self._claims[name] is wording:
                del self._claims[name]
                self._tally.drop(wording)
                if others:
                    other = self._claims[name] = others.pop(0)
                    self._tally.put(other)
            elif others:
                others.remove(wording)
            if others is not None and not others:
                del self._again[name]

    @property
    def bounds(self) -> Bounds:
        """(low, best, high); a best of nothing quantified is the low."""
        found = estimate(self._tally)
        return found.low, found.low if found.best is None else found.best, found.high


class Split:
    """The statements of a cell, those attributed set apart. `high` is the sum of their highs.

    `statements` are all live ones by first claim, kept elsewhere.
    """

    __slots__ = ("_attributed", "_cell", "_host_first", "_rest", "_statements", "high")

    def __init__(self, cell: Cell, statements: Mapping[str, Merged], *, host_first: bool) -> None:
        self._cell, self._host_first = cell, host_first
        self._statements = statements
        self._attributed: dict[str, int] = {}
        self._rest: Rest | None = None
        self.high = 0

    def replace(self, first: str, *, attributed: bool) -> None:
        """The statement that begins with claim `first` is another one now, or gone."""
        self._take(first)
        if first in self._statements:
            self._place(first, attributed=attributed)

    def attribute(self, first: str, *, attributed: bool) -> None:
        """Let the statement that begins with claim `first` be attributed, or count for itself."""
        if attributed != (first in self._attributed):
            self._take(first)
            self._place(first, attributed=attributed)

    @property
    def rest(self) -> Bounds | None:
        """The cell's number without attributed claims; None where none are, and it is the cell's own."""
        return self._rest.bounds if self._attributed and self._rest is not None else None

    def _take(self, first: str) -> None:
        if first in self._attributed:
            self.high -= self._attributed.pop(first)
        elif self._rest is not None:
            self._rest.drop(first)

    def _place(self, first: str, *, attributed: bool) -> None:
        statement = self._statements[first]
        if not attributed:
            if self._rest is not None:
                self._rest.put(first, statement)
            return
        self._attributed[first] = statement.high
        self.high += statement.high
        if self._rest is None:
            self._rest = Rest(self._cell, host_first=self._host_first)
            for other, each in self._statements.items():
                if other not in self._attributed:
                    self._rest.put(other, each)
