"""Step 2, kept up to date: the wordings of one statement, and what they say taken together."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from operator import attrgetter

from incidentlog.projections.entry import Entry, like, named
from incidentlog.projections.high import Account
from incidentlog.projections.merged import Merged
from incidentlog.schemas.statements import Content

#: Up to so many wordings, what they say is worked out anew; beyond, it is kept by grade.
FEW = 8

_id = attrgetter("id")
#: What the wordings of a statement may differ in.
numbers = attrgetter("grade", "low", "best", "high")


class Ballot:
    """What the wordings of one grade say: their lows and highs in order, and how many vote for each best.

    `by_votes` holds the bests that have so many votes, in order, `most` is the greatest number of votes.
    """

    __slots__ = ("by_votes", "highs", "lows", "most", "votes")

    def __init__(self) -> None:
        self.lows: list[int] = []
        self.highs: list[int] = []
        self.votes: dict[int, int] = {}
        self.by_votes: dict[int, list[int]] = {0: []}
        self.most = 0

    def add(self, wording: Entry) -> None:
        """Hear one more wording."""
        insort(self.lows, wording.low)
        insort(self.highs, wording.high)
        best = wording.best
        if best is not None:
            votes = self.votes.get(best, 0)
            if votes:
                _remove(self.by_votes[votes], best)
            self.votes[best] = votes = votes + 1
            insort(self.by_votes.setdefault(votes, []), best)
            self.most = max(self.most, votes)

    def remove(self, wording: Entry) -> None:
        """Hear one wording no more."""
        _remove(self.lows, wording.low)
        _remove(self.highs, wording.high)
        best = wording.best
        if best is not None:
            votes = self.votes.pop(best)
            _remove(self.by_votes[votes], best)
            if votes > 1:
                self.votes[best] = votes - 1
                insort(self.by_votes[votes - 1], best)
            if not self.by_votes[self.most]:
                self.most -= 1

    @property
    def best(self) -> int | None:
        """The most frequent best, ties to the lower."""
        return self.by_votes[self.most][0] if self.most else None


class Wordings:
    """Live claims with one statement key, by id. `size`: how many there were when they were last counted."""

    __slots__ = ("_ballots", "entries", "size")

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=_id)
        self.size = len(self.entries)
        self._ballots: dict[int, Ballot] | None = None

    def __contains__(self, claim: str) -> bool:
        at = bisect_left(self.entries, claim, key=_id)
        return at < len(self.entries) and self.entries[at].id == claim

    def add(self, wording: Entry) -> None:
        """One more claim says it."""
        insort(self.entries, wording, key=_id)
        if self._ballots is not None:
            self._ballots.setdefault(wording.grade, Ballot()).add(wording)
        elif len(self.entries) > FEW:
            self._ballots = _counted(self.entries)

    def remove(self, wording: Entry) -> None:
        """One claim says it no more."""
        del self.entries[bisect_left(self.entries, wording.id, key=_id)]
        if self._ballots is not None:
            ballot = self._ballots[wording.grade]
            ballot.remove(wording)
            if not ballot.lows:
                del self._ballots[wording.grade]

    def strongest(self) -> tuple[int, Ballot]:
        """The strongest grade among them, and what the wordings of that grade say."""
        ballots = self._ballots
        if ballots is None:
            ballots = _counted(self.entries)
        grade = max(ballots)
        return grade, ballots[grade]


def merge(wordings: Wordings) -> Entry:
    """Step 2: one statement from its live wordings, the first of them if that says the same.

    Its grade is the strongest; its other attributes come from the least id. The wordings of that grade are intersected,
    else hulled; best is the most frequent, ties to the lower, moved into the interval.
    """
    first, *others = wordings.entries
    said = numbers(first)
    if len(others) < FEW and all([numbers(other) == said for other in others]):  # noqa: C419 (faster)
        return first
    grade, ballot = wordings.strongest()
    low, high, best = ballot.lows[-1], ballot.highs[0], ballot.best
    conflict = low > high
    if conflict:
        low, high = ballot.lows[0], ballot.highs[-1]
    best = None if best is None else min(max(best, low), high)
    if not conflict and (grade, low, best, high) == said:
        return first
    merged = like(first)
    merged.grade, merged.low, merged.best, merged.high, merged.conflict = grade, low, best, high, conflict
    return merged


def entry_of_merged(merged: Merged, account: Account) -> Entry:
    """The entry of a statement that travelled. It goes by its first claim's id; its wordings only have names."""
    said = Content(merged.ids[0], *merged[2:16])
    entries = [named(name, ref, said, account) for name, ref in zip(merged.ids, merged.refs, strict=True)]
    if not merged.conflict:
        return merged_entry(entries)
    entry = like(entries[0])
    entry.conflict, entry.wordings = True, Wordings(entries)
    return entry


def merged_entry(wordings: list[Entry]) -> Entry:
    """The entry of a statement whose wordings say the same, by id."""
    first = wordings[0]
    if len(wordings) > 1:
        first.wordings = Wordings(wordings)
    return first


def _counted(wordings: Iterable[Entry]) -> dict[int, Ballot]:
    ballots: dict[int, Ballot] = {}
    for wording in wordings:
        ballots.setdefault(wording.grade, Ballot()).add(wording)
    return ballots


def _remove(ordered: list[int], number: int) -> None:
    del ordered[bisect_left(ordered, number)]
