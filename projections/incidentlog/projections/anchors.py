"""Step 6's anchor: the newest quantified, country-level, all-time cumulative of the best-ranked authority that has one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from incidentlog.projections.entry import Entry

_end_and_value = attrgetter("end", "value")
_id = attrgetter("id")


class Anchors:
    """Candidates by class of authority, each list by as-of, then value, then id; None where a class has none."""

    __slots__ = ("_classes", "_first")

    def __init__(self) -> None:
        self._classes: list[list[Entry] | None] = []
        self._first: Sequence[Entry] = ()

    def add(self, entry: Entry) -> None:
        """Take a candidate in."""
        classes, rank = self._classes, entry.account.rank
        if len(classes) <= rank:
            classes += [None] * (rank + 1 - len(classes))
        candidates = classes[rank]
        if candidates is None:
            candidates = classes[rank] = []
            self._first = self._foremost()
        if not candidates or entry.end > candidates[-1].end:
            candidates.append(entry)
        else:
            candidates.insert(_place(candidates, entry), entry)

    def remove(self, entry: Entry) -> None:
        """Let a candidate go."""
        classes, rank = self._classes, entry.account.rank
        candidates = classes[rank] or []
        del candidates[_place(candidates, entry)]
        if not candidates:
            classes[rank] = None
            self._first = self._foremost()

    def newest(self) -> Entry | None:
        """The anchor: of the best class the newest, then the greatest, then the least id."""
        candidates = self._first
        if not candidates:
            return None
        last = candidates[-1]
        if len(candidates) == 1 or candidates[-2].end != last.end or candidates[-2].value != last.value:
            return last
        return candidates[bisect_left(candidates, _end_and_value(last), key=_end_and_value)]

    def _foremost(self) -> Sequence[Entry]:
        return next((candidates for candidates in self._classes if candidates is not None), ())


def _place(candidates: Sequence[Entry], entry: Entry) -> int:
    first = bisect_left(candidates, (entry.end, entry.value), key=_end_and_value)
    stop = bisect_right(candidates, (entry.end, entry.value), first, key=_end_and_value)
    return bisect_left(candidates, entry.id, first, stop, key=_id)
