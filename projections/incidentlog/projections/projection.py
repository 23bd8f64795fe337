"""The projection: a named fold of events into rows, and the rows of one of them in memory.

`apply` sees one row and one event, never a table, an offset or a clock, so whoever runs it may bring events again or in
another order. That the result is the same is the projection's own duty: keep what came by key and greatest version (or
as a set), replace, never add. `incidentlog.projections.testing` checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import Statement

E = TypeVar("E")
S = TypeVar("S")
#: What a projection reads: the statements of a cell, or what changed cells contribute, re-keyed to one writer.
Source = Literal["statements", "contributions"]


class Filed(NamedTuple):
    """A statement and the cell it belongs to: the event of a projection that reads statements."""

    cell: Cell
    statement: Statement


def as_is(key: str, state: Any) -> Iterable[tuple[str, Any]]:
    """What is published where the state is the row."""
    return ((key, state),)


@dataclass(frozen=True, slots=True)
class Projection(Generic[E, S]):
    """A read model as a value.

    `keys` names the states an event touches: none, one or several; a projection that reads statements keys its states by
    cell, since cells live apart. `initial` makes a state for a key and `apply` folds one event into it: it may change and
    return the state it was given; None means that the state is gone. `rows` is what a state looks like in public: by
    default itself under its own key, else any number of (row key, row). A row that is no longer among them is gone.

    A projection of contributions says which `measures` it wants, and whether their `subdivisions` too.
    """

    name: str
    source: Source
    keys: Callable[[E], Iterable[str]]
    initial: Callable[[str], S]
    apply: Callable[[S, E], S | None]
    rows: Callable[[str, S], Iterable[tuple[str, Any]]] = as_is
    measures: frozenset[str] = frozenset()
    subdivisions: bool = False
    version: int = 1


class ReadModel(Generic[E, S]):
    """One projection with its states in memory: events in, changed rows out."""

    def __init__(self, projection: Projection[E, S]) -> None:
        self.projection = projection
        self._keys, self._apply = projection.keys, projection.apply
        # A state that is its own row may have been changed in place: nothing is left to compare it with.
        self._as_is = projection.rows is as_is
        self._states: dict[str, S] = {}
        self._changed: dict[str, None] = {}
        self._published: dict[str, dict[str, Any]] = {}

    def apply(self, event: E) -> None:
        """Fold one event into every state it touches."""
        for key in self._keys(event):
            state = self._states.get(key)
            state = self._apply(self.projection.initial(key) if state is None else state, event)
            if state is None:
                self._states.pop(key, None)
            else:
                self._states[key] = state
            self._changed[key] = None

    def take_changed(self) -> list[tuple[str, Any]]:
        """(key, row) of each row that differs from what was taken before; None for a row that is gone."""
        changed: list[tuple[str, Any]] = []
        for key in self._changed:
            before = self._published.get(key, {})
            after = dict(self.projection.rows(key, self._states[key])) if key in self._states else {}
            changed += [(name, row) for name, row in after.items() if self._as_is or before.get(name) != row]
            changed += [(name, None) for name in before if name not in after]
            self._published[key] = after
        self._changed.clear()
        return changed

    def rows(self) -> dict[str, Any]:
        """Every row, sorted by key."""
        states = self._states.items()
        return dict(sorted(row for key, state in states for row in self.projection.rows(key, state)))
