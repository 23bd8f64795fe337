"""Step 3: which statements another live one contains, so that they are not counted beside it."""

from __future__ import annotations

from collections.abc import Callable

from incidentlog.projections.entry import Entry


class Containment:
    """Live statements by the claim they say contains them (`named`).

    `statement_of` finds the live statement a claim belongs to, `known` tells whether a claim was ever in this cell.
    `foreign` are the containers that were not: step 9 looks for them in the mixed cells.
    """

    __slots__ = ("circular", "foreign", "known", "named", "statement_of")

    def __init__(self, statement_of: Callable[[str], Entry | None], known: Callable[[str], bool]) -> None:
        self.statement_of, self.known = statement_of, known
        self.named: dict[str, list[Entry]] = {}
        self.foreign: dict[str, None] = {}
        self.circular = 0

    def enter(self, entry: Entry) -> None:
        """A statement went live."""
        container = entry.part_of
        if container:
            self.named.setdefault(container, []).append(entry)
            self.meet(container)

    def leave(self, entry: Entry) -> None:
        """A statement is live no more."""
        self.circular -= entry.circular
        entry.circular = False
        if entry.part_of:
            mine = self.named[entry.part_of]
            mine.remove(entry)
            if not mine:
                del self.named[entry.part_of]
                self.foreign.pop(entry.part_of, None)

    def meet(self, claim: str) -> None:
        """A claim became known in this cell, or unknown."""
        if claim in self.named:
            if self.known(claim):
                self.foreign.pop(claim, None)
            else:
                self.foreign[claim] = None

    def around(self, entry: Entry) -> list[Entry]:
        """The live statements whose containment this one may decide: itself, its parts, and those in a circle with it."""
        found = {entry: None}
        for name in entry.ids:
            found.update(dict.fromkeys(self.named.get(name, ())))
        found.update(dict.fromkeys(self._circle(entry)))
        return list(found)

    def _circle(self, entry: Entry) -> list[Entry]:
        """The statements in a circle with this one, itself first; none if there is no such circle.

        Its ids tell that the circle closes: a claim about to go is found no more.
        """
        path = [entry]
        seen = {entry}
        while path[-1].part_of not in entry.ids:
            above = self.container(path[-1])
            if above is None or above in seen:
                return []
            path.append(above)
            seen.add(above)
        return path

    def container(self, entry: Entry) -> Entry | None:
        """The live statement that is said to contain this one."""
        return self.statement_of(entry.part_of) if entry.part_of else None

    def contained(self, entry: Entry) -> bool:
        """Whether a live statement of equal or stronger grade contains it; circles are flagged instead."""
        self.circular -= entry.circular
        entry.circular = bool(entry.part_of) and bool(self._circle(entry))
        self.circular += entry.circular
        if entry.circular:
            return False
        above = self.container(entry)
        return above is not None and above.grade >= entry.grade
