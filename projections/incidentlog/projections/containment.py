"""Step 3: which statements another live one contains, so that they are not counted beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from incidentlog.projections.entry import Entry, FullEntry
from incidentlog.projections.nothing import NOTHING


class Containment:
    """Live statements by the claim they say contains them (`named`), and how many of them are in a circle (`circular`).

    `statement_of` finds the live statement a claim belongs to, `known` tells whether a claim was ever in this cell.
    `foreign` are the containers that were not: step 9 looks for them in the mixed cells.
    """

    __slots__ = ("circular", "foreign", "known", "named", "statement_of")

    def __init__(self, statement_of: Callable[[str], Entry | None], known: Callable[[str], bool]) -> None:
        self.statement_of, self.known = statement_of, known
        self.named: dict[str, dict[Entry, None]] = NOTHING
        self.foreign: dict[str, None] = NOTHING
        self.circular = 0

    def enter(self, entry: Entry) -> None:
        """A statement went live."""
        container = entry.part_of
        if container:
            if self.named is NOTHING:
                self.named, self.foreign = {}, {}
            self.named.setdefault(container, {})[entry] = None
            self.meet(container)

    def leave(self, entry: Entry) -> None:
        """A statement is live no more."""
        container = entry.part_of
        if container:
            mine = self.named[container]
            del mine[entry]
            if not mine:
                del self.named[container]
                self.foreign.pop(container, None)

    def meet(self, claim: str) -> None:
        """A claim became known in this cell, or unknown."""
        if claim in self.named:
            if self.known(claim):
                self.foreign.pop(claim, None)
            else:
                self.foreign[claim] = None

    def parts(self, claims: Iterable[str]) -> list[Entry]:
        """The live statements that one of these claims is said to contain."""
        return [part for claim in claims for part in self.named.get(claim, ())]

    def close(self, entry: Entry) -> list[Entry]:
        """Flag the circle that a statement, just gone live, closes; returns those in it."""
        return self._turn(self._circle(entry, entry.id), circular=True)

    def open(self, entry: Entry, gone: str) -> list[Entry]:
        """Unflag the circle of a statement about to go; returns those in it. Its claim `gone` is found no more."""
        return self._turn(self._circle(entry, gone), circular=False) if entry.circular else []

    def _turn(self, circle: list[Entry], *, circular: bool) -> list[Entry]:
        for entry in circle:
            self.circular += circular - entry.circular
            cast(FullEntry, entry).circular = circular  # it has a container
        return circle

    def _circle(self, entry: Entry, claim: str) -> list[Entry]:
        """The statements in a circle with this one, itself first; none if there is no such circle.

        Claims of its own, of which `claim` is one, tell that the circle closes.
        """
        if not entry.part_of or (entry.wordings is None and entry.id not in self.named):
            return []
        path = {entry: None}
        last = entry
        while last.part_of != claim and not entry.says(last.part_of):
            above = self.container(last)
            if above is None or above in path:
                return []
            path[above] = None
            last = above
        return list(path)

    def container(self, entry: Entry) -> Entry | None:
        """The live statement that is said to contain this one."""
        return self.statement_of(entry.part_of) if entry.part_of else None

    def contained(self, entry: Entry) -> bool:
        """Whether a live statement of equal or stronger grade contains it; a circle contains none of its own."""
        if entry.circular:
            return False
        above = self.container(entry)
        return above is not None and above.grade >= entry.grade
