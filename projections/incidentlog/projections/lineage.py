"""Lineage: what became of every claim, so that "why is it 1000 and not 2100" has an answer, claim by claim.

Computed when asked, from the tally as it stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from incidentlog.projections import flags, treatments
from incidentlog.projections.entry import CUMULATIVE, STOCK, Entry
from incidentlog.projections.estimate import Treatment
from incidentlog.projections.series import DAYS_APART, Series, kept
from incidentlog.projections.tally import Tally
from incidentlog.schemas.statements import FIRM, OPEN

_end = attrgetter("end")
#: A word, the entries that caused it, and its part of the sentence.
Finding = tuple[str, list[Entry], str]


class Lineage:
    """The treatment of a tally's live claims."""

    def __init__(self, tally: Tally) -> None:
        found = tally.estimate()
        self._tally = tally
        self._low = [*tally.schedule.chain]
        self._best = tally.counted_in_best()
        if flags.BEST_RAISED in found.flags:
            self._best = self._low
        elif tally.stock is not None:
            self._low = self._best = [tally.stock]
        self._in_low, self._in_best = set(self._low), set(self._best)
        self._raising = set(tally.stocks.raising())

    def __iter__(self) -> Iterator[tuple[int, Treatment]]:
        """Every live claim, with the day its window ends."""
        for statement in self._tally.statements.values():
            found = list(self._stock(statement) if statement.kind == STOCK else self._flow(statement))
            for wording in statement.claims:
                same: list[Finding] = []
                if wording.id != statement.id:
                    same = [(treatments.SAME_STATEMENT_AS, [statement], f"says the same as {statement.ref}")]
                yield wording.end, treated(wording, same + found)

    def _counted(self, entry: Entry) -> Iterator[Finding]:
        low = entry.low if entry in self._in_low else None
        best = None
        if entry in self._in_best:  # where low lifted best, it is the lows that make it up
            best = entry.low if self._best is self._low and entry.kind != STOCK else entry.value
        if low is None and best is None:
            return
        text = treatments.counted(low, best)
        if low is not None:
            yield treatments.COUNTED_IN_LOW, [], text
            text = ""
        if best is not None:
            yield treatments.COUNTED_IN_BEST, [], text

    def _part(self, entry: Entry) -> Iterator[Finding]:
        container = self._tally.find(entry.part_of)
        if container is not None:
            yield treatments.PART_OF, [container], f"is part of {container.ref}, and not counted beside it"

    def _stock(self, entry: Entry) -> Iterator[Finding]:
        if not entry.counted:
            yield from self._part(entry)
            return
        yield from self._counted(entry)
        if entry in self._raising:
            text = "leaves high open" if entry.high >= OPEN else f"holds high at {entry.high} or more"
            yield treatments.RAISES_HIGH, [], text
            return
        newer = self._tally.stocks.value(entry.account)
        if newer is not None and newer is not entry:
            yield treatments.SUPERSEDED_BY, [newer], f"is older than {newer.ref}"

    def _flow(self, entry: Entry) -> Iterator[Finding]:
        if not entry.counted:
            yield from self._part(entry)
            return
        yield from self._counted(entry)
        if entry.revised:
            later = self._reviser(entry)
            yield treatments.REVISED_DOWN_BY, [later], f"was taken back by the lower {later.ref}"
        high = self._term(entry)
        if entry not in self._in_low and entry not in self._in_best and not entry.revised:
            yield from self._absorbed(entry, raises=high is not None)
        if high is not None:
            yield treatments.RAISES_HIGH, [], treatments.raising(high)

    def _series(self, entry: Entry) -> Series | None:
        if entry.grade != FIRM or entry.kind != CUMULATIVE:
            return None
        account = entry.account
        return account.series.get((entry.subdivision, entry.start)) or account.all_time

    def _term(self, entry: Entry) -> int | None:
        """What the statement has in its authority's part of high; None: nothing."""
        series, cut = self._series(entry), entry.account.cut
        if series is None:
            return entry.high if entry.end > cut else None
        at = bisect_left(
            series.members, (entry.end, entry.published, entry.id), key=attrgetter("end", "published", "id")
        )
        stop, (end, high) = series.segment(at)
        if series is not entry.account.all_time and end <= cut:
            return None
        if entry.revised:
            return high if kept(entry) == high else None
        newest = all(later.revised for later in series.members[at + 1 : stop])
        outdone = entry.high < high and entry in self._in_best  # by what a revised one keeps inside high
        return entry.high if newest and not outdone else None

    def _reviser(self, entry: Entry) -> Entry:
        series = self._series(entry)
        assert series is not None
        at = series.members.index(entry)
        return next(m for m in series.members[at + 1 :] if m.high < entry.low and m.end - entry.end <= DAYS_APART)

    def _absorbed(self, entry: Entry, *, raises: bool) -> Iterator[Finding]:
        by = self._overlapping(entry) if entry.quantified else []
        if by:
            refs = treatments.listed([other.ref for other in by])
            yield treatments.ABSORBED_BY, by, f"is not added to low or best, since its window overlaps that of {refs}"
        elif not raises:
            series = entry.account.all_time or self._series(entry)
            if series is not None:
                newest = series.members[-1]
                yield treatments.ABSORBED_BY, [newest], f"lies within {newest.ref}"

    def _overlapping(self, entry: Entry) -> list[Entry]:
        found: dict[Entry, None] = {}
        for windows in (self._low, self._best):
            for at in range(bisect_left(windows, entry.start, key=_end), len(windows)):
                if windows[at].start > entry.end:
                    break
                found[windows[at]] = None
        return list(found)


def treated(claim: Entry, found: list[Finding]) -> Treatment:
    """One claim's findings, put together."""
    by = dict.fromkeys(cause.id for _, causes, _ in found for cause in causes)
    parts = [text for _, _, text in found if text]
    return Treatment(claim.id, claim.ref, tuple(word for word, _, _ in found), tuple(by), treatments.reason(parts))
