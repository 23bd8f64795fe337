"""A scope: what is counted together, a cell or the claims of one subdivision in it."""

from __future__ import annotations

from collections.abc import Collection

from incidentlog.projections.entry import Entry
from incidentlog.projections.tally import Tally
from incidentlog.schemas.cells import Cell


class Scope:
    """A subdivision: its claims count as if it were the country, so it holds copies of them (`clones`, by id).

    `present` counts the claims that give it a row: all that were ever said to be in it, but for those after the limits.
    """

    __slots__ = ("clones", "present", "tally")

    def __init__(self, cell: Cell, known: Collection[str], *, host_first: bool) -> None:
        self.present = 0
        self.clones: dict[str, Entry] = {}
        self.tally = Tally(cell, self.clones.get, known.__contains__, host_first=host_first)
