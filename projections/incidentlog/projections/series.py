"""Step 4: the firm cumulatives of one authority, one place and one since, and which of them took back which.

They are sorted by (as-of, published, id). A later one whose high is below an earlier one's low revises it if their as-of
days are at most 90 apart; otherwise a new segment begins there, another series in the codebook's words. Of a segment only
the newest has a part in high, at least what its revised members keep inside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from incidentlog.projections.entry import Entry
from incidentlog.projections.terms import Piece, Terms

#: As-of days farther apart than this do not revise one another.
DAYS_APART = 90
#: No other figure changed.
NONE: Sequence[Entry] = ()

_order = attrgetter("end", "published", "id")


def kept(entry: Entry) -> int:
    """What a revised figure leaves inside high."""
    return entry.high if entry.best is None else entry.best


class Series:
    """`pieces` holds (as-of, high) of every segment; they are put into `terms`, or, without any, summed up in `total`.

    `peaks[i]` is the greatest low that still counts among the segment's members up to i, `keeps[i]` the most that revised
    ones among them leave inside high, `heads[i]` whether a segment begins; so a change is felt only until all three are
    what they were. `revised` counts members taken back, `breaks` how often another segment begins. A province's figures
    revise nothing (`revises` False). While no figure was ever taken back, and there is one segment, there are no `keeps`,
    `heads` and `pieces`.
    """

    __slots__ = ("breaks", "heads", "keeps", "members", "peaks", "pieces", "revised", "revises", "terms", "total")

    keeps: list[int]
    heads: bytearray
    pieces: list[Piece] | None

    def __init__(self, terms: Terms | None, *, revises: bool) -> None:
        self.terms, self.revises = terms, revises
        self.members: list[Entry] = []
        self.peaks: list[int] = []
        self.pieces = None
        self.total = 0
        self.revised = self.breaks = 0

    def add(self, entry: Entry) -> Sequence[Entry]:
        """Take a figure in; returns the others whose `revised` it changed."""
        members = self.members
        at = len(members)
        if at and entry.end <= members[-1].end and _order(entry) < _order(members[-1]):
            at = bisect_left(members, _order(entry), key=_order)
        if self.pieces is None:
            if self._append(entry) if at == len(members) else self._slip_in(entry, at):
                return NONE
            self._spread()
        changed: list[Entry] = []
        first = at
        if self.revises:
            entry.revised = self._is_revised(entry, at)
            self.revised += entry.revised
            first = self._revise(entry, at, changed)
        members.insert(at, entry)
        self.peaks.insert(at, -1)
        self.keeps.insert(at, -1)
        self.heads.insert(at, 0)
        self._settle(first, at + 1)
        return changed

    def _append(self, entry: Entry) -> bool:
        """The usual case: a newest figure that takes nothing back."""
        members, peaks, high = self.members, self.peaks, entry.high
        low = entry.low if self.revises else -1
        if members:
            if peaks[-1] > high:
                return False
            low = max(low, peaks[-1])
            if self.terms is not None:
                self.terms.discount(members[-1])
        if self.terms is not None:
            self.terms.count(entry)
        self.total = high
        peaks.append(low)
        members.append(entry)
        return True

    def _slip_in(self, entry: Entry, at: int) -> bool:
        """The usual case of an older figure: it takes back nothing, nothing later takes it back, and high is as it was.

        From where the peak is no lower than its low, all that follows lies above it.
        """
        members, peaks, low = self.members, self.peaks, entry.low if self.revises else -1
        peak = peaks[at - 1] if at else -1
        if peak > entry.high:
            return False
        stop = at
        while stop < len(members) and peaks[stop] < low:
            if members[stop].high < low:
                return False
            stop += 1
        if stop < len(members) and members[stop].high < low:
            return False
        members.insert(at, entry)
        peaks[at:stop] = [max(peak, low), *[low] * (stop - at)]
        return True

    def _spread(self) -> None:
        """Make what is needed once figures are taken back, or segments begin."""
        count = len(self.members)
        self.keeps, self.heads = [-1] * count, bytearray(count)
        self.pieces = []
        if count:
            self.heads[0] = 1
            self.pieces.append(self._piece(count))

    def remove(self, entry: Entry) -> Sequence[Entry]:
        """Let a figure go; returns the others whose `revised` that changed."""
        at = bisect_left(self.members, _order(entry), key=_order)
        if self.pieces is None:
            self._spread()
        del self.members[at], self.peaks[at], self.keeps[at], self.heads[at]
        self.revised -= entry.revised
        entry.revised = False
        changed: list[Entry] = []
        first = self._restore(entry, at, changed) if self.revised else at
        self._settle(first, at)
        return changed

    def _is_revised(self, entry: Entry, at: int) -> bool:
        """Whether a member from `at` on takes it back."""
        last, low = entry.end + DAYS_APART, entry.low
        for i in range(at, len(self.members)):
            later = self.members[i]
            if later.end > last:
                break
            if later.high < low:
                return True
        return False

    def _revise(self, entry: Entry, at: int, changed: list[Entry]) -> int:
        """Mark what a new figure takes back; returns where the first of it lies."""
        members, peaks = self.members, self.peaks
        oldest, high, first, i = entry.end - DAYS_APART, entry.high, at, at - 1
        while i >= 0 and members[i].end >= oldest:
            if peaks[i] <= high:  # nothing that counts lies above it from the segment's beginning up to here
                i = self.heads.rfind(1, 0, i + 1)
            elif not members[i].revised and members[i].low > high:
                members[i].revised = True
                changed.append(members[i])
                first = i
            i -= 1
        self.revised += len(changed)
        return first

    def _restore(self, entry: Entry, at: int, changed: list[Entry]) -> int:
        """Let count again what only a figure now gone took back; returns where the first of it lies."""
        members, oldest, first = self.members, entry.end - DAYS_APART, at
        for i in range(at - 1, -1, -1):
            earlier = members[i]
            if earlier.end < oldest:
                break
            if earlier.revised and earlier.low > entry.high and not self._is_revised(earlier, i + 1):
                earlier.revised = False
                changed.append(earlier)
                first = i
        self.revised -= len(changed)
        return first

    def _settle(self, first: int, unmoved: int) -> None:
        """Bring peaks, keeps, heads and pieces up to date from `first` on; members from `unmoved` on are as they were."""
        members, peaks, keeps, heads = self.members, self.peaks, self.keeps, self.heads
        peak, keep, i = (peaks[first - 1], keeps[first - 1], first) if first else (-1, -1, 0)
        for i in range(first, len(members)):
            entry = members[i]
            head = i == 0 or peak > entry.high
            if head:
                peak = keep = -1
            if entry.revised:
                keep = max(keep, kept(entry))
            elif self.revises and entry.low > peak:
                peak = entry.low
            if i >= unmoved and head == heads[i] and peak == peaks[i] and keep == keeps[i]:
                break
            peaks[i], keeps[i], heads[i] = peak, keep, head
        begin = heads.rfind(1, 0, max(first, 1))
        pieces: list[Piece] = []
        at = begin
        while 0 <= at <= i:
            following = heads.find(1, at + 1)
            pieces.append(self._piece(following if following > 0 else len(members)))
            at = following
        unchanged = heads.count(1, at) if at > 0 else 0
        self._put(heads.count(1, 0, max(begin, 0)), len(self.pieces or ()) - unchanged, pieces)
        self.breaks = max(heads.count(1) - 1, 0)
        if not self.revised and not self.breaks:
            self.pieces = None

    def segment(self, at: int) -> tuple[int, Piece]:
        """Where the segment of a member ends, and its piece of high."""
        members = self.members
        if self.pieces is None:
            return len(members), Piece(members[-1].end, members[-1].high)
        following = self.heads.find(1, at + 1)
        stop = following if following > 0 else len(members)
        return stop, self._piece(stop)

    def _piece(self, stop: int) -> Piece:
        """As-of and high of the segment that ends before `stop`."""
        newest = stop - 1
        while self.members[newest].revised:
            newest -= 1
        entry = self.members[newest]
        return Piece(entry.end, max(entry.high, self.keeps[stop - 1]))

    def _put(self, first: int, stop: int, pieces: list[Piece]) -> None:
        """Replace what some segments have in high."""
        assert self.pieces is not None
        before = self.pieces[first:stop]
        self.pieces[first:stop] = pieces
        if self.terms is None:
            self.total += sum(high for _, high in pieces) - sum(high for _, high in before)
            return
        for piece in before:
            self.terms.discount(piece)
        for piece in pieces:
            self.terms.count(piece)
