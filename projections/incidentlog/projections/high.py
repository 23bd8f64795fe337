"""Step 7: what one authority puts into high."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from sys import intern

from incidentlog.projections.entry import CUMULATIVE, Entry
from incidentlog.projections.nothing import NOTHING
from incidentlog.projections.series import NONE, Series
from incidentlog.projections.terms import Terms
from incidentlog.schemas.statements import FIRM, OPEN

_end = attrgetter("end")
NO_SIGNS = (False, False, False)


@lru_cache(maxsize=4096)
def _shared(key: tuple[str, str, str]) -> tuple[str, str, str]:
    """One object for an authority in all cells."""
    authority, standing, country = map(intern, key)
    return authority, standing, country


class Account(Terms):
    """An authority in a cell: `key` is its id, standing and country, `rank` its class there (0 speaks first).

    Its part of high is the newest firm, country-level, all-time cumulative (`all_time`), plus whatever of its other
    statements ends later. `unbased` counts its firm "n further", `revised` and `breaks` what step 4 found in its series;
    `settled`, `heard` and `signs` are for the tally, what it last took from here; `unsettled`: that is out of date.
    """

    __slots__ = (
        "all_time", "breaks", "heard", "key", "rank", "revised", "series", "settled", "signs", "statements", "unbased",
        "unsettled",
    )  # fmt: skip

    def __init__(self, key: tuple[str, str, str], rank: int) -> None:
        self.key, self.rank = _shared(key), rank
        super().__init__()
        self.all_time: Series | None = None
        self.series: dict[tuple[str, int], Series] = NOTHING
        self.unbased = self.statements = self.revised = self.breaks = self.settled = 0
        self.unsettled = self.heard = False
        self.signs = NO_SIGNS

    def add(self, entry: Entry) -> Sequence[Entry]:
        """Take a statement in; returns the others whose `revised` it changed."""
        self.statements += 1
        if entry.grade == FIRM:
            self.unbased += entry.prior_unknown
            if entry.kind == CUMULATIVE:
                return self._add(entry)
        self.count(entry)
        return NONE

    def _add(self, entry: Entry) -> Sequence[Entry]:
        series = self._series(entry)
        breaks = series.breaks
        changed = series.add(entry)
        if changed is not NONE:
            self.revised += len(changed) + entry.revised
            self.breaks += series.breaks - breaks
        return changed

    def remove(self, entry: Entry) -> Sequence[Entry]:
        """Let a statement go; returns the others whose `revised` that changed."""
        self.statements -= 1
        if entry.grade == FIRM:
            self.unbased -= entry.prior_unknown
            if entry.kind == CUMULATIVE:
                return self._remove(entry)
        self.discount(entry)
        return NONE

    def _remove(self, entry: Entry) -> Sequence[Entry]:
        series = self._series(entry)
        breaks, revised = series.breaks, series.revised
        changed = series.remove(entry)
        self.revised += series.revised - revised
        self.breaks += series.breaks - breaks
        if not series.members:
            if series is self.all_time:
                self.all_time = None
            else:
                del self.series[entry.subdivision, entry.start]
        return changed

    def _series(self, entry: Entry) -> Series:
        place, since = entry.subdivision, entry.start
        if not place and not since:
            if self.all_time is None:
                self.all_time = Series(None, revises=True)
            return self.all_time
        series = self.series.get((place, since))
        if series is None:
            series = Series(self, revises=not place)
            self.series = self.series or {}
            self.series[place, since] = series
        return series

    def look(self) -> tuple[bool, bool, bool]:
        """Whether its baseline is unknown ("n further" without a total), a figure revised, a series broken.

        All that is only so where `unbased`, `revised` or `breaks` is not 0.
        """
        return self.unbased > 0 and self.all_time is None, self.revised > 0, self.breaks > 0

    @property
    def total(self) -> int:
        """Its part of high; open when at least OPEN."""
        all_time = self.all_time
        if all_time is None:
            if self.cut >= 0:
                self.move(-1)
            return self.after + (OPEN if self.unbased else 0)
        cut = all_time.members[-1].end
        if cut != self.cut:
            self.move(cut)
        return all_time.total + self.after

    def seen_by(self, day: int) -> Entry | None:
        """Its newest all-time total that still counts, no later than this day."""
        if self.all_time is None:
            return None
        members = self.all_time.members
        for at in range(bisect_right(members, day, key=_end) - 1, -1, -1):
            if not members[at].revised:
                return members[at]
        return None
