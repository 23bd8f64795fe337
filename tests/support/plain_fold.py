"""The codebook's fold of one cell, steps 1 to 8, from scratch and slowly: the specification the real one must equal.

Each step is a method, so that a test can break one and see which case notices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from incidentlog.projections import flags as words
from incidentlog.projections.estimate import NAMED, Estimate
from incidentlog.projections.merged import Merged
from incidentlog.projections.rank import rank
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import CLAIM, FIRM, OPEN, Statement
from support.plain_resolve import LATER, LIVE, UNHEARD, Resolved, merge, resolve, speaking
from support.plain_windows import clusters, disjoint

Authority = tuple[str, str, str]


class Outcome(NamedTuple):
    """Everything a fold found: the estimate and, as ids of first claims, what lineage tells."""

    estimate: Estimate
    in_low: set[str]
    in_best: set[str]
    parts: set[str]
    revised: set[str]


def authority_of(m: Merged) -> Authority:
    return m.authority, m.standing, m.country


def quantified(m: Merged) -> bool:
    return m.grade == FIRM and (m.best is not None or m.low > 0)


def value(m: Merged) -> int:
    return m.low if m.best is None else m.best


def series_order(m: Merged) -> tuple[int, str, str]:
    return m.end, m.published, m.ids[0]


def country_total(m: Merged) -> bool:
    """A firm, country-level cumulative: what can revise and be revised."""
    return m.grade == FIRM and m.kind == "cumulative" and not m.subdivision


def all_time(m: Merged) -> bool:
    return country_total(m) and m.start == 0


class PlainFold:
    """One cell with its rules; `fold` for statements of the log, `count` for merged ones."""

    days_apart = 90

    def __init__(self, cell: Cell, *, host_first: bool, until: int = 0, known: str = "") -> None:
        self.cell, self.host_first, self.until, self.known = cell, host_first, until, known

    def rank(self, authority: Authority) -> int:
        return rank(self.cell, authority[1], authority[2], host_first=self.host_first)

    def fold(self, statements: Iterable[Statement], scope: str = "") -> Outcome | None:
        """The outcome for the whole cell or a subdivision; None where there is no row."""
        heard = [s for s in statements if not self.known or s.recorded <= self.known]
        claims = [c for c in self.step_1(heard) if c.fate not in (LATER, UNHEARD) and (not scope or scope in c.places)]
        if not claims:
            return None
        live = [c for c in claims if c.fate == LIVE and (not scope or c.content.subdivision == scope)]
        if scope:
            live = [c._replace(content=c.content._replace(subdivision="")) for c in live]
        outcome = self.count(self.step_2(live))
        first, digests = speaking(heard)
        raised = set(outcome.estimate.flags)
        if any(c.conflict for c in claims) or any(
            len(digests[s.id]) > 1 for s in first.values() if s.verb != CLAIM or s.content is None
        ):
            raised.add(words.ID_CONFLICT)
        if not live:
            raised.add(words.WITHDRAWN)
        estimate = outcome.estimate._replace(
            flags=tuple(sorted(raised)), live=len(live), withdrawn=len(claims) - len(live)
        )
        return outcome._replace(estimate=estimate)

    def step_1(self, statements: list[Statement]) -> list[Resolved]:
        return resolve(statements, self.until, self.known)

    def step_2(self, claims: list[Resolved]) -> list[Merged]:
        return merge(claims)

    def count(self, merged: Iterable[Merged]) -> Outcome:
        """Steps 3 to 8."""
        live = sorted(merged)
        raised: set[str] = set()
        if any(m.conflict for m in live):
            raised.add(words.STATEMENT_CONFLICT)
        if live and not any(m.grade == FIRM for m in live):
            raised.add(words.POSSIBLE_ONLY)
        parts = self.step_3(live, raised)
        counted = [m for m in live if m not in parts]
        flows, stocks = [m for m in counted if m.kind != "stock"], [m for m in counted if m.kind == "stock"]
        if len({authority_of(m) for m in counted}) > 1:
            raised.add(words.SEVERAL_AUTHORITIES)
        revised = self.step_4(flows, raised)
        firm = [m for m in flows if quantified(m) and m not in revised]
        in_low = self.step_5(firm)
        low = sum(m.low for m in in_low)
        anchor = self.anchor(firm)
        best, in_best = self.step_6(firm, anchor, raised)
        if best is not None and best < low:
            best, in_best = low, in_low
            raised.add(words.BEST_RAISED)
        high = self.step_7(flows, revised, raised)
        if anchor is not None:
            self.conflicts(flows, revised, anchor, raised)
        if stocks:
            spoken, reach = self.step_8(stocks)
            if not flows and spoken is not None:
                low, best, in_low = spoken.low, value(spoken), [spoken]
                in_best = in_low
            high = max(high, reach)
        high = max(high, low, best or 0)
        together = set(in_low) | set(in_best)
        named = sorted(pair for m in together for pair in zip(m.ids, m.refs, strict=True))
        estimate = Estimate(
            low=low,
            best=best,
            high=min(high, OPEN),
            as_of=max((m.end for m in together), default=0),
            flags=tuple(sorted(raised)),
            counted=tuple(ref for _, ref in named[:NAMED]),
            counted_total=len(named),
            live=sum(len(m.ids) for m in live),
            withdrawn=0,
        )
        first = [{m.ids[0] for m in group} for group in (in_low, in_best, parts, revised)]
        return Outcome(estimate, *first)

    def step_3(self, live: list[Merged], raised: set[str]) -> list[Merged]:
        """The statements that another live one contains."""
        by_claim = {name: m for m in live for name in m.ids}
        container = {m.ids: by_claim[m.part_of] for m in live if m.part_of in by_claim}
        parts = []
        for m in live:
            if m.ids not in container:
                continue
            above, seen = container[m.ids], {m.ids}
            while above.ids in container and above.ids not in seen:
                seen.add(above.ids)
                above = container[above.ids]
            if above.ids == m.ids:
                raised.add(words.CONTAINMENT_IGNORED)
            elif container[m.ids].grade >= m.grade:
                parts.append(m)
        return parts

    def step_4(self, flows: list[Merged], raised: set[str]) -> list[Merged]:
        """The totals that a later one of the same series took back."""
        revised = [m for m in flows if self.revisers(m, flows)]
        if revised:
            raised.add(words.REVISION_DOWN)
        if any(self.breaks(m, later) for m in flows if m not in revised for later in flows):
            raised.add(words.SERIES_BREAK)
        return revised

    def below(self, m: Merged, later: Merged) -> bool:
        return (
            country_total(m)
            and country_total(later)
            and (authority_of(m), m.start) == (authority_of(later), later.start)
            and series_order(m) < series_order(later)
            and later.high < m.low
        )

    def revisers(self, m: Merged, flows: list[Merged]) -> list[Merged]:
        return [later for later in flows if self.below(m, later) and later.end - m.end <= self.days_apart]

    def breaks(self, m: Merged, later: Merged) -> bool:
        return self.below(m, later) and later.end - m.end > self.days_apart

    def step_5(self, firm: list[Merged]) -> list[Merged]:
        return disjoint(firm, lambda m: m.low)

    def anchor(self, firm: list[Merged]) -> Merged | None:
        candidates = [m for m in firm if all_time(m)]
        if not candidates:
            return None
        first = min(self.rank(authority_of(m)) for m in candidates)
        mine = [m for m in candidates if self.rank(authority_of(m)) == first]
        newest = max((m.end, value(m)) for m in mine)
        return min((m for m in mine if (m.end, value(m)) == newest), key=lambda m: m.ids[0])

    def step_6(self, firm: list[Merged], anchor: Merged | None, raised: set[str]) -> tuple[int | None, list[Merged]]:
        after = anchor.end if anchor is not None else -1
        if anchor is not None and any(m.start <= after < m.end for m in firm):
            raised.add(words.STRADDLE)
        in_best = [anchor] if anchor is not None else []
        windows = [m for m in firm if m.start > after]
        for cluster in clusters(windows):
            in_best += self.speaker(cluster)
        if anchor is None and not windows:
            return None, []
        return sum(value(m) for m in in_best), in_best

    def speaker(self, cluster: list[Merged]) -> list[Merged]:
        """What the best-ranked authority of a cluster adds."""
        authorities = {authority_of(m) for m in cluster}
        own = {a: disjoint([m for m in cluster if authority_of(m) == a], value) for a in authorities}
        return own[min(own, key=lambda a: (self.rank(a), -sum(value(m) for m in own[a]), a))]

    def step_7(self, flows: list[Merged], revised: list[Merged], raised: set[str]) -> int:
        total = 0
        for authority in {authority_of(m) for m in flows}:
            total += self.high_of([m for m in flows if authority_of(m) == authority], revised, raised)
        return total

    def high_of(self, mine: list[Merged], revised: list[Merged], raised: set[str]) -> int:
        """One authority's part of high."""
        totals = [m for m in mine if all_time(m)]
        cut = max((m.end for m in totals), default=-1)
        high = 0
        series = {(m.subdivision, m.start) for m in mine if m.kind == "cumulative" and m.grade == FIRM}
        for place, since in series:
            members = [m for m in mine if m.kind == "cumulative" and m.grade == FIRM]
            members = sorted((m for m in members if (m.subdivision, m.start) == (place, since)), key=series_order)
            segments = [members] if place else self.segments(members, revised)
            for segment in segments:
                newest = [m for m in segment if m not in revised][-1]
                kept = [m.high if m.best is None else m.best for m in segment if m in revised]
                if (not place and since == 0) or newest.end > cut:
                    high += max([newest.high, *kept])
        high += sum(m.high for m in mine if not (m.kind == "cumulative" and m.grade == FIRM) and m.end > cut)
        if not totals and any(m.prior_unknown and m.grade == FIRM for m in mine):
            raised.add(words.BASELINE_UNKNOWN)
            high += OPEN
        return high

    def segments(self, members: list[Merged], revised: list[Merged]) -> list[list[Merged]]:
        """A series cut where a total is far below an earlier one of the same stretch that still counts."""
        stretches: list[list[Merged]] = [[]]
        for m in members:
            if any(self.breaks(earlier, m) for earlier in stretches[-1] if earlier not in revised):
                stretches.append([])
            stretches[-1].append(m)
        return stretches

    def conflicts(self, flows: list[Merged], revised: list[Merged], anchor: Merged, raised: set[str]) -> None:
        for authority in {authority_of(m) for m in flows} - {authority_of(anchor)}:
            known = [m for m in flows if authority_of(m) == authority and all_time(m) and m not in revised]
            known = [m for m in known if m.end <= anchor.end]
            if known and max(known, key=series_order).low > value(anchor):
                raised.add(words.AUTHORITY_CONFLICT)

    def step_8(self, stocks: list[Merged]) -> tuple[Merged | None, int]:
        """The stock that speaks, and how far the others reach."""
        spoken: list[tuple[int, int, int, Merged]] = []
        reach = 0
        for authority in {authority_of(m) for m in stocks}:
            mine = [m for m in stocks if authority_of(m) == authority]
            firm = [m for m in mine if quantified(m) and not m.subdivision]
            newest = max(firm, key=series_order) if firm else None
            if newest is not None:
                spoken.append((-self.rank(authority), newest.end, value(newest), newest))
                reach = max(reach, newest.high)
            reach = max([reach, *(m.high for m in mine if newest is None or m.end > newest.end)])
        if not spoken:
            return None, reach
        first = max(s[:3] for s in spoken)
        return min((m for *key, m in spoken if tuple(key) == first), key=lambda m: m.ids[0]), reach
