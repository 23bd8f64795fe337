"""Step 7's sum: highs by the day their windows end, and the total of those that end after a day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import NamedTuple, Protocol

_end = attrgetter("end")


class Term(Protocol):
    """A part of a sum: mostly a statement itself."""

    @property
    def end(self) -> int:
        """The day its window ends."""

    @property
    def high(self) -> int:
        """What it adds."""


class Piece(NamedTuple):
    """A term that is no statement's own."""

    end: int
    high: int


class Terms:
    """What an authority adds up. `after` is the sum of the highs whose end lies after `cut`.

    Moving the cut costs what lies between.
    """

    __slots__ = ("_terms", "after", "cut")

    def __init__(self) -> None:
        self._terms: list[Term] = []
        self.cut = -1
        self.after = 0

    def count(self, term: Term) -> None:
        """One more term."""
        terms, end = self._terms, term.end
        if not terms or end >= terms[-1].end:
            terms.append(term)
        else:
            terms.insert(bisect_right(terms, end, key=_end), term)
        if end > self.cut:
            self.after += term.high

    def discount(self, term: Term) -> None:
        """One term less. Terms that are equal need not be told apart."""
        terms, end, high = self._terms, term.end, term.high
        at = bisect_left(terms, end, key=_end)
        while terms[at].high != high:
            at += 1
        del terms[at]
        if end > self.cut:
            self.after -= high

    def move(self, cut: int) -> None:
        """Count only what ends after this day."""
        before, terms = self.cut, self._terms
        if cut == before:
            return
        self.cut = cut
        first, stop = sorted((bisect_right(terms, before, key=_end), bisect_right(terms, cut, key=_end)))
        between = sum([term.high for term in terms[first:stop]])
        self.after += between if cut < before else -between
