"""The lane: every cell of one partition number in memory. Statements in; changed rows and contributions out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.cell import CellFold
from incidentlog.projections.estimates import row_key, row_of
from incidentlog.projections.official_actions import Shelf
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.projection import Projection
from incidentlog.projections.watched import WatchedFold
from incidentlog.schemas.cells import OFFICIAL, Cell
from incidentlog.schemas.contributions import BlockContribution, CellContribution, Contribution
from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.records import load
from incidentlog.schemas.rows import ActionRow, EstimateRow
from incidentlog.schemas.statements import Statement


class StoredStatementInvalid(IncidentlogError):
    """A statement taken back could not be read, or not be folded. `cell` is whose it is."""

    def __init__(self, cell: str, error: Exception) -> None:
        super().__init__(
            f"a stored statement of {cell} cannot be taken back ({type(error).__name__}: {error}); "
            "nobody but the worker writes to the statements topic: see who else did"
        )
        self.cell = cell


@dataclass(slots=True)
class Changes:
    """What changed in a lane, by key; an action's row is None where the action is gone."""

    estimates: dict[str, EstimateRow] = field(default_factory=dict)
    contributions: dict[str, Contribution] = field(default_factory=dict)
    actions: dict[str, ActionRow | None] = field(default_factory=dict)


class Lane:
    """All cells whose keys fall on one partition number, or simply all cells. One writer at a time; not thread-safe.

    `precedence` says for a measure whether the host state goes first. `until` (ordinal day, 0: no limit) and `known`
    (RFC 3339 in UTC with six decimals, empty: no limit) show numbers as of a day and as known at a moment. `projections`
    decide who gets contributions.
    """

    def __init__(
        self,
        precedence: Precedence = by_default,
        *,
        until: int = 0,
        known: str = "",
        projections: Iterable[Projection[Any, Any]] = tuple(PROJECTIONS.values()),
    ) -> None:
        self._precedence, self._until, self._known = precedence, until, known
        self._places: dict[Cell, CellFold | Shelf] = {}
        #: Stored statements of cells that nothing came for since they were taken back, as they were stored.
        self._stored: dict[str, list[bytes]] = {}
        self._changed: dict[CellFold | Shelf, Cell] = {}
        self._readers: dict[str, list[Projection[Any, Any]]] = {}
        for projection in projections:
            for measure in projection.measures:
                self._readers.setdefault(measure, []).append(projection)

    def restore(self, cell: str, record: bytes) -> None:
        """Take back a stored statement, in any order, repeated or not. It is read when something next comes for its cell,
        whose numbers were stored together with it: until then it only takes up its bytes."""
        self._stored.setdefault(cell, []).append(record)

    def add(self, cell: Cell, statement: Statement) -> bool:
        """Take a statement into its cell's set; whether that changed the set. StoredStatementInvalid as `fold`."""
        place = self._places.get(cell)
        if place is None:
            place = self._place(cell)
        if not place.add(statement):
            return False
        self._changed[place] = cell
        return True

    def fold(self, cell: Cell) -> CellFold | None:
        """The fold of a cell that has statements. StoredStatementInvalid if one of those taken back cannot be read."""
        place = self._places.get(cell)
        if place is None and str(cell) in self._stored:
            place = self._place(cell)
        return place if isinstance(place, CellFold) else None

    def contested(self, cell: Cell, name: str) -> bool:
        """Whether several contents of a cell compete for this id: each of them must be stored, under a key of its own."""
        place = self._places.get(cell)
        return isinstance(place, CellFold) and place.contested(name)

    def later(self) -> Iterator[tuple[int, Cell, str]]:
        """The claims about people that `until` leaves out: (the day from which each counts, its cell, its id)."""
        for cell, place in self._places.items():
            if isinstance(place, CellFold):
                yield from ((day, cell, name) for day, name in place.later())

    def extend(self, until: int, cell: Cell, names: Iterable[str]) -> None:
        """Let `until` be a later day for one cell; `names` are all its claims of `later` that count by then."""
        place = self._places[cell]
        assert isinstance(place, CellFold)
        place.extend(until, names)
        self._changed[place] = cell

    def census(self) -> tuple[int, int, int]:
        """(cells, events in their sets, live claims). Of cells that were taken back and not read since, no claim is known."""
        folds = [place for place in self._places.values() if isinstance(place, CellFold)]
        waiting = [stored for cell, stored in self._stored.items() if not cell.startswith(OFFICIAL + "/")]
        events = sum(fold.version for fold in folds) + sum(map(len, waiting))
        return len(folds) + len(waiting), events, sum(fold.live for fold in folds)

    def take_changed(self) -> Changes:
        """Rows and contributions of what changed since the last call, each once however many statements came."""
        changes = Changes()
        for place, cell in self._changed.items():
            if isinstance(place, Shelf):
                changes.actions.update(place.take_changed())
            else:
                self._collect(cell, place, changes)
        self._changed.clear()
        return changes

    def _place(self, cell: Cell) -> CellFold | Shelf:
        """The place of a cell that has none yet: an empty one, or what was stored of it."""
        place = self._open(cell)
        stored = self._stored.get(str(cell), ())
        for record in stored:
            try:
                place.add(load(record))
            except Exception as error:
                raise StoredStatementInvalid(str(cell), error) from error
        self._places[cell] = place
        if stored:
            place.take_changed()  # what it would tell was told when its statements were stored
            del self._stored[str(cell)]
        return place

    def _open(self, cell: Cell) -> CellFold | Shelf:
        if cell.measure == OFFICIAL:
            return Shelf(until=self._until, known=self._known)
        settings: Any = {"host_first": self._precedence(cell.measure), "until": self._until, "known": self._known}
        readers = self._readers.get(cell.measure)
        if readers is None:
            return CellFold(cell, **settings)
        return WatchedFold(cell, subdivisions=any(reader.subdivisions for reader in readers), **settings)

    def _collect(self, cell: Cell, fold: CellFold, changes: Changes) -> None:
        name, version = str(cell), fold.version
        scopes = fold.take_changed()
        tellings = fold.tell(scopes) if isinstance(fold, WatchedFold) else {}
        for scope in scopes:
            estimate = fold.estimate(scope)
            if estimate is None:
                continue
            row = row_of(estimate, row_key(name, scope), version)
            changes.estimates[row.key] = row
            if isinstance(fold, WatchedFold):
                telling = tellings.get(scope)
                blocks = (telling.since, telling.blocks) if telling is not None else (0, 0)
                told = (row.low, row.best, row.high, row.as_of, row.flags, *blocks)
                if fold.news(scope, told):
                    for reader in self._wanting(cell, scope):
                        number = CellContribution(reader, name, scope, version, *told)
                        changes.contributions[number.key] = number
        if isinstance(fold, WatchedFold):
            for scope, at, statements, others in fold.take_blocks():
                since = tellings[scope].since
                for reader in self._wanting(cell, scope):
                    block = BlockContribution(
                        reader, name, scope, at, version, since, fold.host_first, statements, others
                    )
                    changes.contributions[block.key] = block

    def _wanting(self, cell: Cell, scope: str) -> list[str]:
        return [each.name for each in self._readers.get(cell.measure, ()) if each.subdivisions or not scope]
