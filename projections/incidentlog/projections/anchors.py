"""Step 6's anchor: the newest quantified, country-level, all-time cumulative of the best-ranked authority that has one."""

from __future__ import annotations

from bisect import bisect_left, insort
from operator import attrgetter

from incidentlog.projections.entry import Entry

_end = attrgetter("end")


class Anchors:
    """Candidates by class of authority, each list by as-of."""

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
        if not candidates or entry.end >= candidates[-1].end:
            candidates.append(entry)
        else:
            insort(candidates, entry, key=_end)

    def remove(self, entry: Entry) -> None:
        """Let a candidate go."""
        candidates = self._classes[entry.account.rank]
        del candidates[candidates.index(entry, bisect_left(candidates, entry.end, key=_end))]
        if not candidates:
            del self._classes[entry.account.rank]
            self._first = self._classes[min(self._classes)] if self._classes else []

    def newest(self) -> Entry | None:
        """The anchor: of the best class the newest, then the greatest, then the least id."""
        candidates = self._first
        if not candidates:
            return None
        anchor = candidates[-1]
        for at in range(len(candidates) - 2, -1, -1):
            entry = candidates[at]
            if entry.end != anchor.end:
                break
            if (-entry.value, entry.id) < (-anchor.value, anchor.id):
                anchor = entry
        return anchor
