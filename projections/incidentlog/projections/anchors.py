"""Step 6's anchor: the newest quantified, country-level, all-time cumulative of the best-ranked authority that has one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter

from incidentlog.projections.entry import Entry

_end_and_value = attrgetter("end", "value")
_id = attrgetter("id")


class Anchors:
    """Candidates by class of authority, each list by as-of, then value, then id."""

    __slots__ = ("_classes", "_first")

    def __init__(self) -> None:
        self._classes: dict[int, list[Entry]] = {}
        self._first: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Take a candidate in."""
        candidates = self._classes.get(entry.account.rank)
        if candidates is None:
            candidates = self._classes[entry.account.rank] = []
            self._first = self._classes[min(self._classes)]
        if not candidates or entry.end > candidates[-1].end:
            candidates.append(entry)
        else:
            candidates.insert(_place(candidates, entry), entry)

    def remove(self, entry: Entry) -> None:
        """Let a candidate go."""
        candidates = self._classes[entry.account.rank]
        del candidates[_place(candidates, entry)]
        if not candidates:
            del self._classes[entry.account.rank]
            self._first = self._classes[min(self._classes)] if self._classes else []

    def newest(self) -> Entry | None:
        """The anchor: of the best class the newest, then the greatest, then the least id."""
        candidates = self._first
        if not candidates:
            return None
        last = candidates[-1]
        if len(candidates) == 1 or candidates[-2].end != last.end or candidates[-2].value != last.value:
            return last
        return candidates[bisect_left(candidates, _end_and_value(last), key=_end_and_value)]


def _place(candidates: list[Entry], entry: Entry) -> int:
    first = bisect_left(candidates, (entry.end, entry.value), key=_end_and_value)
    stop = bisect_right(candidates, (entry.end, entry.value), first, key=_end_and_value)
    return bisect_left(candidates, entry.id, first, stop, key=_id)
