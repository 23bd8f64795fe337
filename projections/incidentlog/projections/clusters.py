"""Step 6 after the anchor: clusters of overlapping windows, each worth what its best-ranked authority counted there.

Windows that start after `cut` (the anchor's day) form clusters; both are sorted, the clusters are disjoint. A window that
bridges clusters merges them. Removing one leaves a hole, and its cluster is formed anew when next asked for, unless a
window as wide is close by, or has come in its place (another wording of the same statement does that).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from operator import attrgetter

from incidentlog.projections.entry import Entry
from incidentlog.projections.high import Account
from incidentlog.projections.schedule import Schedule

#: How far a window as wide is looked for, in order of start.
CLOSE_BY = 4

_value = attrgetter("value")
_start, _first = attrgetter("start"), attrgetter("first")
_start_and_id = attrgetter("start", "id")


class Cluster:
    """Windows from `first` to `last` day, connected; of each authority a schedule of its own windows.

    While it is one window alone, `lone` holds it and there are no schedules. `counted` is what it added when last asked.
    """

    __slots__ = ("counted", "first", "holes", "last", "lone", "schedules", "speaker", "total")

    def __init__(self, entry: Entry) -> None:
        self.first, self.last = entry.start, entry.end
        self.lone: Entry | None = entry
        self.schedules: dict[Account, Schedule] | None = None
        self.holes: list[Entry] | None = None
        self.speaker: Schedule | None = None
        self.counted: Sequence[Entry] = ()
        self.total = 0

    def add(self, entry: Entry) -> None:
        """Take in a window that overlaps this cluster."""
        lone, self.lone = self.lone, None
        if lone is not None:
            self._schedule(lone)
        self._schedule(entry)
        self.first, self.last = min(self.first, entry.start), max(self.last, entry.end)
        if self.holes:
            self.holes = [h for h in self.holes if h.start < entry.start or h.end > entry.end]

    def remove(self, entry: Entry, *, hole: bool) -> None:
        """Let one of several windows go; where that leaves a hole, the cluster may fall apart."""
        assert self.schedules is not None
        schedule = self.schedules[entry.account]
        schedule.remove(entry)
        if not schedule.entries:
            del self.schedules[entry.account]
        if hole:
            self.holes = [*(self.holes or ()), entry]

    def _schedule(self, entry: Entry) -> None:
        if self.schedules is None:
            self.schedules = {}
        schedule = self.schedules.get(entry.account)
        if schedule is None:
            schedule = self.schedules[entry.account] = Schedule(_value)
        schedule.add((entry,))

    @property
    def members(self) -> list[Entry]:
        """Its windows."""
        if self.lone is not None:
            return [self.lone]
        return [entry for schedule in (self.schedules or {}).values() for entry in schedule.entries]

    def _speaking(self) -> Schedule:
        """The windows of the best-ranked authority, within a class the greatest total's, then the least id's."""
        assert self.schedules is not None
        if len(self.schedules) == 1:
            return next(iter(self.schedules.values()))
        first = min(account.rank for account in self.schedules)
        own = [(-own.total(), account.key, own) for account, own in self.schedules.items() if account.rank == first]
        return min(own)[2]

    def renew(self) -> tuple[Sequence[Entry], Sequence[Entry]]:
        """Who speaks and what it adds now: the windows no longer counted, and those counted since."""
        before = self.counted
        if self.lone is not None:
            self.total = self.lone.value
            self.counted = (self.lone,) if self.total else ()
            return before, self.counted
        speaker = self._speaking()
        change = speaker.renew()
        self.total = speaker.totals[-1]
        if speaker is self.speaker:
            return change
        self.speaker, self.counted = speaker, speaker.chain
        return before, speaker.chain


class Clusters:
    """The quantified windows of a cell that are no anchors and start after `cut`, and the clusters they form.

    Windows are heard of when the cut is known: most that are added together with an anchor lie before it.
    """

    __slots__ = ("_waiting", "clusters", "cut", "dirty", "dropped", "entries", "total")

    def __init__(self) -> None:
        self._waiting: list[Entry] = []
        self.entries: list[Entry] = []
        self.cut = -1
        self.clusters: list[Cluster] = []
        self.dirty: dict[Cluster, None] = {}
        self.dropped: list[Entry] = []
        self.total = 0

    def add(self, entry: Entry) -> None:
        """Take a window in."""
        self._waiting.append(entry)

    def remove(self, entry: Entry) -> None:
        """Let a window go."""
        self._hear()
        if entry.start <= self.cut:
            return
        at = bisect_left(self.entries, (entry.start, entry.id), key=_start_and_id)
        del self.entries[at]
        around = self.entries[max(at - CLOSE_BY, 0) : at + CLOSE_BY]
        wide = any([e.start <= entry.start and e.end >= entry.end for e in around])  # noqa: C419 (faster)
        at = bisect_right(self.clusters, entry.start, key=_first) - 1
        cluster = self.clusters[at]
        if cluster.lone is not None:
            self._drop(at, at + 1)
            return
        cluster.remove(entry, hole=not wide)
        self.dirty[cluster] = None

    def _hear(self) -> None:
        for entry in self._waiting:
            if entry.start > self.cut:
                self._enter(entry)
        self._waiting.clear()

    def _enter(self, entry: Entry) -> None:
        entries = self.entries
        if not entries or entry.start > entries[-1].start:
            entries.append(entry)
        else:
            insort(entries, entry, key=_start_and_id)
        self._activate(entry)

    def _activate(self, entry: Entry) -> None:
        """Into a cluster of its own, or the one it touches, or into one made of all it touches."""
        clusters = self.clusters
        stop = bisect_right(clusters, entry.end, key=_first)
        first = stop
        while first and clusters[first - 1].last >= entry.start:
            first -= 1
        if stop - first == 1:
            cluster = clusters[first]
            cluster.add(entry)
        else:
            cluster = self._bridge(first, stop, entry) if stop > first else Cluster(entry)
            clusters.insert(first, cluster)
        self.dirty[cluster] = None

    def _bridge(self, first: int, stop: int, entry: Entry) -> Cluster:
        """One cluster of several and the window that connects them: the widest takes in the rest."""
        parts = self.clusters[first:stop]
        sizes = [self._after(p.last) - self._from(p.first) for p in parts]
        kept = parts.pop(sizes.index(max(sizes)))
        at = self.clusters.index(kept, first, stop)
        self._drop(at + 1, stop)
        self._drop(first, at)
        del self.clusters[first]
        for part in parts:
            for other in part.members:
                kept.add(other)
            if part.holes:
                kept.holes = (kept.holes or []) + part.holes
        kept.add(entry)
        return kept

    def _drop(self, first: int, stop: int) -> None:
        for cluster in self.clusters[first:stop]:
            self.total -= cluster.total
            self.dropped += cluster.counted
            self.dirty.pop(cluster, None)
        del self.clusters[first:stop]

    def take_in(self, cut: int, windows: Schedule) -> None:
        """Let the clusters begin after a day, and hear of what was added. `windows` are those of any day."""
        if cut < self.cut:
            self._hear()
            before, self.cut = self.cut, cut
            for entry in windows.entries[bisect_right(windows.ends, cut) :]:
                if cut < entry.start <= before:
                    self._enter(entry)
        elif cut > self.cut:
            self.cut = cut
            self._leave_out(cut)
        if self._waiting:
            self._hear()

    def _leave_out(self, cut: int) -> None:
        """Forget the windows that start no later than a day."""
        first, stop = self._after(cut), bisect_right(self.clusters, cut, key=_first)
        if stop:
            again = self.entries[first : self._after(self.clusters[stop - 1].last)]
            self._drop(0, stop)
            for entry in again:
                self._activate(entry)
        del self.entries[:first]

    def renew(self) -> tuple[list[Entry], list[Entry]]:
        """Bring `total` up to date: the windows no longer counted in best, and those counted since (some may be both)."""
        for cluster in [c for c in self.dirty if c.holes]:
            self._form_anew(cluster)
        gone, self.dropped = self.dropped, []
        came: list[Entry] = []
        for cluster in self.dirty:
            self.total -= cluster.total
            left, entered = cluster.renew()
            self.total += cluster.total
            gone += left
            came += entered
        self.dirty.clear()
        return gone, came

    def _form_anew(self, cluster: Cluster) -> None:
        at = bisect_right(self.clusters, cluster.first, key=_first) - 1
        self._drop(at, at + 1)
        for entry in self.entries[self._from(cluster.first) : self._after(cluster.last)]:
            self._activate(entry)

    def _from(self, day: int) -> int:
        """Where the windows begin that start on a day or later."""
        return bisect_left(self.entries, day, key=_start)

    def _after(self, day: int) -> int:
        """Where the windows begin that start after a day."""
        return bisect_right(self.entries, day, key=_start)
