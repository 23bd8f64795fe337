"""Steps 5 to 8 put together: low, best and high of a settled tally, with the flags that explain them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from incidentlog.projections import flags
from incidentlog.projections.entry import Entry
from incidentlog.projections.estimate import Estimate
from incidentlog.schemas.statements import OPEN

if TYPE_CHECKING:
    from incidentlog.projections.tally import Tally


def estimate(tally: Tally) -> Estimate:
    """What the live claims of a tally come to."""
    tally.settle()
    if tally.flows:
        return _of_flows(tally)
    return _of_stocks(tally)


def _of_flows(tally: Tally) -> Estimate:
    anchor, clusters = tally.anchor, tally.clusters
    low = tally.schedule.totals[-1]
    best = None
    raised = _raised(tally)
    if anchor is not None:
        best = anchor.value + clusters.total
        if _straddled(tally, anchor.end):
            raised.append(flags.STRADDLE)
        if tally.heard > 1 and _contradicted(tally, anchor):
            raised.append(flags.AUTHORITY_CONFLICT)
    elif clusters.clusters:
        best = clusters.total
    lifted = best is not None and best < low
    if lifted:
        best = low
        raised.append(flags.BEST_RAISED)
    high = max(tally.high, low, best or 0)
    if tally.stocks.accounts:
        high = max(high, *(entry.high for entry in tally.stocks.raising()))
    return _made(tally, low, best, high, raised, low_alone=lifted)


def _of_stocks(tally: Tally) -> Estimate:
    spoken = tally.stock
    high = max((entry.high for entry in tally.stocks.raising()), default=0)
    low, best = (0, None) if spoken is None else (spoken.low, spoken.value)
    return _made(tally, low, best, high, _raised(tally), low_alone=False)


def _made(tally: Tally, low: int, best: int | None, high: int, raised: list[str], *, low_alone: bool) -> Estimate:
    counted = tally.counted
    total = counted.claims_in_low if low_alone else counted.claims
    if len(raised) > 1:
        raised.sort()
    flagged, as_of, named = tuple(raised), _as_of(tally, low_alone), counted.named(low_alone)
    return Estimate(low, best, min(high, OPEN), as_of, flagged, named, total, tally.live, 0)


def _raised(tally: Tally) -> list[str]:
    """The flags that hold whatever the numbers are."""
    raised = []
    unbased, revised, broken = tally.signs
    if unbased:
        raised.append(flags.BASELINE_UNKNOWN)
    if revised:
        raised.append(flags.REVISION_DOWN)
    if broken:
        raised.append(flags.SERIES_BREAK)
    if tally.heard > 1:
        raised.append(flags.SEVERAL_AUTHORITIES)
    if tally.conflicts:
        raised.append(flags.STATEMENT_CONFLICT)
    if tally.parts.circular:
        raised.append(flags.CONTAINMENT_IGNORED)
    if tally.live and tally.doubtful == len(tally.statements):
        raised.append(flags.POSSIBLE_ONLY)
    return raised


def _straddled(tally: Tally, day: int) -> bool:
    """Whether a quantified window starts on or before the day and ends after it: more end after it than start after it."""
    ends = tally.schedule.ends
    return ends[-1] > day and len(ends) - bisect_right(ends, day) > len(tally.clusters.entries)


def _contradicted(tally: Tally, anchor: Entry) -> bool:
    """Whether another authority's total, no newer than the anchor, lies above it."""
    schedule = tally.schedule
    if schedule.totals[bisect_right(schedule.ends, anchor.end)] <= anchor.value:
        return False  # each total that still counts is a window of its own
    for account in tally.accounts.values():
        series = account.all_time
        if series is not None and account is not anchor.account:
            newest = series.members[-1]
            total = newest if newest.end <= anchor.end else account.seen_by(anchor.end)
            if total is not None and total.low > anchor.value:
                return True
    return False


def _as_of(tally: Tally, low_alone: bool) -> int:  # noqa: FBT001 (asked for every claim)
    """The latest end among what is counted."""
    chain = tally.schedule.chain
    as_of = chain[-1].end if chain else 0
    if low_alone:
        return as_of
    anchor = tally.stock or tally.anchor
    if anchor is not None and anchor.end > as_of:
        as_of = anchor.end
    for cluster in reversed(tally.clusters.clusters):
        if cluster.counted:
            return max(as_of, cluster.counted[-1].end)
    return as_of
