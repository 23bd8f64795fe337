"""A merged statement: what one utterance says, all its wordings taken together (after steps 1 and 2)."""

from __future__ import annotations

from sys import intern
from typing import Any, NamedTuple


class Merged(NamedTuple):
    """One live statement of a cell, ready to be counted. Days are ordinals, an open high is at least OPEN.

    `ids` and `refs` are its claims, sorted by id; what only one of them can say comes from the first.
    `conflict`: no number satisfies every wording, so low and high are their hull.
    """

    ids: tuple[str, ...]
    refs: tuple[str, ...]
    authority: str
    standing: str
    country: str
    subdivision: str
    kind: str
    start: int
    end: int
    low: int
    best: int | None
    high: int
    grade: int
    prior_unknown: bool
    part_of: str
    published: str
    conflict: bool

    def pack(self) -> list[Any]:
        """As a list that JSON can hold."""
        return [list(self.ids), list(self.refs), *self[2:]]

    @classmethod
    def unpack(cls, packed: list[Any]) -> Merged:
        """The statement that `pack` wrote; texts that recur are interned."""
        ids, refs, authority, standing, country, place, kind, *numbers, part_of, published, conflict = packed
        texts = intern(authority), intern(standing), intern(country), intern(place), intern(kind)
        told = (tuple(ids), tuple(map(intern, refs)), *texts, *numbers, intern(part_of), intern(published), conflict)
        return tuple.__new__(cls, told)
