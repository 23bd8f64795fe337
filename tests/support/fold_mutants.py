"""Planted variants of the fold: for every step, the step left out or altered. Each must fail some known case."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from incidentlog.projections import bounds, cell, claim_set, flags, series, stock, tally
from incidentlog.projections.anchors import Anchors
from incidentlog.projections.clusters import Cluster, Clusters
from incidentlog.projections.containment import Containment
from incidentlog.projections.entry import Entry, FullEntry, clone, entry_of
from incidentlog.projections.events import Events
from incidentlog.projections.high import Account
from incidentlog.projections.rank import rank
from incidentlog.projections.schedule import Schedule
from incidentlog.projections.series import Series
from incidentlog.projections.terms import Terms
from incidentlog.projections.wordings import Wordings, merge
from incidentlog.schemas.statements import CORRECTION, FIRM, GRADING, RETRACTION


class Mutant(NamedTuple):
    """A variant of the fold: `plant` puts it in place for as long as the patch lasts."""

    step: int
    name: str
    plant: Callable[[pytest.MonkeyPatch], None]


def swap(owner: Any, name: str, to: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """Put something else in place of an attribute."""
    return lambda patch: patch.setattr(owner, name, to)


def without(verb: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Do not hear events of one kind."""
    of = Events.of
    return swap(Events, "of", lambda self, claim, key: (e for e in of(self, claim, key) if e.verb != verb))


def resolved_backwards(content: Any, events: Any) -> Any:
    """The least correction and the least grading instead of the greatest."""
    said = sorted(events, key=lambda e: (e.content.published if e.content else "", e.time, e.id))
    for verb in (CORRECTION, GRADING):
        mine = [e for e in said if e.verb == verb]
        if mine:
            content = mine[0].content if verb == CORRECTION else content._replace(grade=mine[0].grade)
    return content, [e for e in said if e.verb == RETRACTION]


def unlimited(self: Any, *, until: int = 0, known: str = "") -> None:
    """A set that forgets the day asked for."""
    SET_INIT(self, known=known)


def first_wording(wordings: Wordings) -> Entry:
    return MERGE(Wordings(wordings.entries[:1]))


def hull(wordings: Wordings) -> Entry:
    merged = MERGE(wordings)
    merged.low, merged.high = min(w.low for w in wordings.entries), max(w.high for w in wordings.entries)
    return merged


def of_any_grade(wordings: Wordings) -> Entry:
    strongest = max(w.grade for w in wordings.entries)
    weaker = {w: w.grade for w in wordings.entries if isinstance(w, FullEntry)}
    for wording in weaker:
        wording.grade = FIRM
    merged = MERGE(wordings)
    for wording, grade in weaker.items():
        wording.grade = grade
    if isinstance(merged, FullEntry):
        merged.grade = strongest
    return merged


def greatest_best(wordings: Wordings) -> Entry:
    merged = MERGE(wordings)
    merged.best = max((w.best for w in wordings.entries if w.best is not None), default=None)
    return merged


def last_says(wordings: Wordings) -> Entry:
    merged = MERGE(wordings)
    merged.start, merged.end = wordings.entries[-1].start, wordings.entries[-1].end
    return merged


def alone(statement: Any, content: Any, account: Any) -> Entry:
    return ENTRY_OF(statement, content._replace(statement_key=statement.id), account)


def contained_whatever_the_grade(self: Containment, entry: Entry) -> bool:
    found = CONTAINED(self, entry)
    return found or (not entry.circular and self.container(entry) is not None)


def contained_in_circles(self: Containment, entry: Entry) -> bool:
    return self.container(entry) is not None


def greatest_window(self: Schedule) -> int:
    """The maximum instead of the greatest disjoint total."""
    self.totals = [0]
    for entry in self.entries:
        self.totals.append(max(self.totals[-1], self.worth(entry)))
    return self.totals[-1]


def plain_sum(self: Schedule) -> int:
    self.totals = [0]
    for entry in self.entries:
        self.totals.append(self.totals[-1] + self.worth(entry))
    return self.totals[-1]


def touching_apart(self: Schedule) -> int:
    """Windows that share a day taken as disjoint."""
    self.totals = [0]
    for k, entry in enumerate(self.entries):
        taken = self.totals[bisect_right(self.ends, entry.start, 0, k)] + self.worth(entry)
        self.totals.append(max(self.totals[-1], taken))
    return self.totals[-1]


def any_class(self: Anchors) -> Entry | None:
    every = [entry for candidates in self._classes for entry in candidates or ()]
    return max(every, key=lambda e: (e.end, e.value), default=None)


def oldest_anchor(self: Anchors) -> Entry | None:
    return self._first[0] if self._first else None


def every_voice(self: Cluster) -> Schedule:
    """A cluster in which all authorities' windows count, whoever ranks best."""
    together = Schedule(lambda entry: entry.value)
    for entry in self.members:
        together.add((entry,))
    return together


def any_speaker(self: Cluster) -> Schedule:
    assert self.schedules is not None
    return max(self.schedules.values(), key=Schedule.total)


def greatest_rank(*_: Any, **__: Any) -> int:
    return 0


def swapped_rank(*given: Any, host_first: bool) -> int:
    return RANK(*given, host_first=not host_first)


def late_cut(self: Clusters, cut: int, windows: Schedule) -> None:
    """What starts on the anchor's day counted beside it."""
    TAKE_IN(self, cut - 1, windows)


def no_cut(self: Clusters, _: int, windows: Schedule) -> None:
    """What starts before the anchor's day counted beside it, too."""
    TAKE_IN(self, -1, windows)


def unlifted(flows: Any) -> Any:
    found = OF_FLOWS(flows)
    if flags.BEST_RAISED in found.flags:
        anchor = flows.anchor.value if flows.anchor else 0
        found = found._replace(best=anchor + flows.clusters.total)
    return found


def newest_alone(self: Account) -> int:
    total = int(TOTAL(self))
    return total if self.all_time is None else self.all_time.total


def uncut(self: Terms, cut: int) -> None:
    """What ended before the newest total added all the same."""


def based(self: Account) -> int:
    self.unbased = 0
    return int(TOTAL(self))


def without_the_less_firm(self: Account, entry: Entry) -> Sequence[Entry]:
    entry.high = entry.high if entry.grade == FIRM else 0
    return ADD(self, entry)


def every_since_apart(self: Account, entry: Entry) -> Series:
    """Cumulatives of one since added up."""
    if entry.start or entry.subdivision:
        self.series = dict(self.series)
        return self.series.setdefault((entry.subdivision + entry.id, entry.start), Series(self, revises=False))
    return SERIES(self, entry)


def greatest_authority(tallied: Any) -> Any:
    found = OF_FLOWS(tallied)
    high = max((account.total for account in tallied.accounts.values()), default=0)
    return found._replace(high=max(high, found.low, found.best or 0))


def last_segment(self: Account) -> int:
    """A broken series forgotten."""
    total, series = int(TOTAL(self)), self.all_time
    return total if series is None else total - series.total + series.segment(len(series.members) - 1)[1][1]


def oldest_stock(self: stock.Stocks, account: Account) -> Entry | None:
    return next((e for e in self.accounts[account] if e.quantified and not e.subdivision), None)


def newest_stock(self: stock.Stocks) -> Entry | None:
    values = [value for value in map(self.value, self.accounts) if value is not None]
    return max(values, key=lambda e: e.end, default=None)


def any_stock(self: stock.Stocks, account: Account) -> Entry | None:
    return self.accounts[account][-1]


def stocks_alone(self: stock.Stocks) -> list[Entry]:
    spoken = self.spoken()
    return [spoken] if spoken is not None else []


def province_as_country(entry: Entry, account: Any) -> Entry:
    copy = CLONE(entry, account)
    copy.subdivision = entry.subdivision
    return copy


def country_for_province(statement: Any, content: Any, account: Any) -> Entry:
    return ENTRY_OF(statement, content._replace(subdivision=""), account)


SET_INIT, MERGE, ENTRY_OF, CONTAINED = claim_set.ClaimSet.__init__, merge, entry_of, Containment.contained
TAKE_IN, OF_FLOWS, ADD, SERIES = Clusters.take_in, bounds._of_flows, Account.add, Account._series
TOTAL: Any = Account.__dict__["total"].fget
CLONE, RANK = clone, rank

MUTANTS = [
    Mutant(1, "corrections ignored", without(CORRECTION)),
    Mutant(1, "retractions ignored", without(RETRACTION)),
    Mutant(1, "gradings ignored", without(GRADING)),
    Mutant(1, "undo ignored", swap(Events, "holds", lambda *_: True)),
    Mutant(1, "the least correction and grading", swap(claim_set, "resolved", resolved_backwards)),
    Mutant(1, "the day asked for ignored", swap(claim_set.ClaimSet, "__init__", unlimited)),
    Mutant(1, "the moment asked for ignored", swap(Events, "heard", lambda *_: True)),
    Mutant(1, "events about a key ignored", swap(claim_set, "BY_KEY", "nothing:")),
    Mutant(2, "nothing merged", swap(claim_set, "entry_of", alone)),
    Mutant(2, "the first wording alone", swap(tally, "merge", first_wording)),
    Mutant(2, "always the hull", swap(tally, "merge", hull)),
    Mutant(2, "wordings of any grade", swap(tally, "merge", of_any_grade)),
    Mutant(2, "the greatest best", swap(tally, "merge", greatest_best)),
    Mutant(2, "the greatest id says the rest", swap(tally, "merge", last_says)),
    Mutant(3, "parts counted", swap(Containment, "contained", lambda *_: False)),
    Mutant(3, "the container's grade ignored", swap(Containment, "contained", contained_whatever_the_grade)),
    Mutant(3, "circles taken at their word", swap(Containment, "contained", contained_in_circles)),
    Mutant(4, "nothing revised", swap(series, "DAYS_APART", -1)),
    Mutant(4, "revised after 89 days at most", swap(series, "DAYS_APART", 89)),
    Mutant(4, "revised after 91 days", swap(series, "DAYS_APART", 91)),
    Mutant(4, "revised however far apart", swap(series, "DAYS_APART", 10**6)),
    Mutant(4, "revised figures not kept", swap(series, "kept", lambda _: 0)),
    Mutant(4, "a broken series forgotten", swap(Account, "total", property(last_segment))),
    Mutant(5, "the greatest window", swap(Schedule, "total", greatest_window)),
    Mutant(5, "the sum of all windows", swap(Schedule, "total", plain_sum)),
    Mutant(5, "touching days apart", swap(Schedule, "total", touching_apart)),
    Mutant(6, "the newest total of anyone", swap(Anchors, "newest", any_class)),
    Mutant(6, "the oldest total", swap(Anchors, "newest", oldest_anchor)),
    Mutant(6, "no ranks", swap(tally, "rank", greatest_rank)),
    Mutant(6, "host and own state swapped", swap(tally, "rank", swapped_rank)),
    Mutant(6, "all voices of a cluster", swap(Cluster, "_speaking", every_voice)),
    Mutant(6, "the loudest voice of a cluster", swap(Cluster, "_speaking", any_speaker)),
    Mutant(6, "windows from the anchor's day on", swap(Clusters, "take_in", late_cut)),
    Mutant(6, "windows beside the anchor", swap(Clusters, "take_in", no_cut)),
    Mutant(6, "best never raised", swap(bounds, "_of_flows", unlifted)),
    Mutant(6, "value without a best", swap(Entry, "value", property(lambda self: self.best or 0))),
    Mutant(7, "the greatest authority", swap(bounds, "_of_flows", greatest_authority)),
    Mutant(7, "the newest total alone", swap(Account, "total", property(newest_alone))),
    Mutant(7, "whatever ended before it, too", swap(Terms, "move", uncut)),
    Mutant(7, "a known baseline", swap(Account, "total", property(based))),
    Mutant(7, "only what is firm", swap(Account, "add", without_the_less_firm)),
    Mutant(7, "all of one since", swap(Account, "_series", every_since_apart)),
    Mutant(8, "the oldest stock", swap(stock.Stocks, "value", oldest_stock)),
    Mutant(8, "the newest stock of anyone", swap(stock.Stocks, "spoken", newest_stock)),
    Mutant(8, "any stock, firm or not", swap(stock.Stocks, "value", any_stock)),
    Mutant(8, "others do not raise high", swap(stock.Stocks, "raising", stocks_alone)),
    Mutant(8, "subdivisions not on their own", swap(cell, "clone", province_as_country)),
    Mutant(8, "a province taken for the country", swap(claim_set, "entry_of", country_for_province)),
]
