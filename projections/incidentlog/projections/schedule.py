"""Step 5, kept up to date: the greatest total over pairwise disjoint windows, and the windows that make it up.

Windows are sorted by end; `totals[k]` is the greatest total that the first k of them reach. A window that does not raise
the total at its own place raises none after it, so such a window comes and goes for a bisection; any other cuts the
totals there, and they are filled again when asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from operator import attrgetter

from incidentlog.projections.entry import Entry
from incidentlog.schemas.statements import OPEN

_id = attrgetter("id")


class Schedule:
    """`worth` says what a window adds. Of equal totals it takes the one that can do without later windows."""

    __slots__ = ("chain", "ends", "entries", "totals", "touched", "worth")

    def __init__(self, worth: Callable[[Entry], int]) -> None:
        self.worth = worth
        self.ends: list[int] = []
        self.entries: list[Entry] = []
        self.totals: list[int] = [0]
        #: The chosen windows as last renewed, by end; below `touched` (a day) nothing has changed since.
        self.chain: list[Entry] = []
        self.touched = OPEN

    def add(self, windows: Iterable[Entry]) -> None:
        """Take windows in."""
        ends, entries = self.ends, self.entries
        for entry in windows:
            end = entry.end
            if not ends or end > ends[-1]:
                ends.append(end)
                entries.append(entry)
            elif not self._insert(entry, end):
                continue
            if end < self.touched:  # noqa: PLR1730 (a call more for every claim)
                self.touched = end

    def _insert(self, entry: Entry, end: int) -> bool:
        """Whether that can change the total."""
        ends, totals = self.ends, self.totals
        at = self._place(entry)
        ends.insert(at, end)
        self.entries.insert(at, entry)
        if at < len(totals) - 1:
            if totals[bisect_left(ends, entry.start, 0, at)] + self.worth(entry) <= totals[at]:
                totals.insert(at + 1, totals[at])
                return False
            del totals[at + 1 :]
        return True

    def remove(self, entry: Entry) -> None:
        """Let a window go."""
        at = self._place(entry)
        del self.ends[at], self.entries[at]
        totals = self.totals
        if at < len(totals) - 1:
            if totals[at + 1] == totals[at]:
                del totals[at + 1]
                return
            del totals[at + 1 :]
        self.touched = min(self.touched, entry.end)

    def _place(self, entry: Entry) -> int:
        ends, end = self.ends, entry.end
        first = bisect_left(ends, end)
        return bisect_left(self.entries, entry.id, first, bisect_right(ends, end, first), key=_id)

    def total(self) -> int:
        """The greatest total of all windows."""
        ends, totals = self.ends, self.totals
        if len(totals) <= len(ends):
            entries, worth = self.entries, self.worth
            total = totals[-1]
            for k in range(len(totals) - 1, len(ends)):
                entry = entries[k]
                taken = totals[bisect_left(ends, entry.start, 0, k)] + worth(entry)
                if taken > total:  # noqa: PLR1730
                    total = taken
                totals.append(total)
        return totals[-1]

    def renew(self) -> tuple[list[Entry], list[Entry]]:
        """Bring `chain`, the windows that make up the total, up to date: those that left it, those that entered.

        A few may be among both."""
        total, chain, touched = self.total(), self.chain, self.touched
        ends, entries, totals = self.ends, self.entries, self.totals
        gone: list[Entry] = []
        came: list[Entry] = []
        at = len(ends)
        while total:
            at = bisect_left(totals, total, 0, at) - 1
            entry = entries[at]
            end = ends[at]
            if end < touched:
                while chain and chain[-1].end > end:
                    gone.append(chain.pop())
                if chain and chain[-1] is entry:
                    break
            came.append(entry)
            at = bisect_left(ends, entry.start, 0, at)
            total = totals[at]
        else:
            gone += chain
            chain.clear()
        chain += reversed(came)
        self.touched = OPEN
        if len(gone) > 4 and len(came) > 4:
            stayed = set(gone).intersection(came)
            return [e for e in gone if e not in stayed], [e for e in came if e not in stayed]
        return gone, came
