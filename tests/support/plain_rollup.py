"""The codebook's roll-ups, step 9, from scratch and slowly: the specification the incremental ones must equal.

Numbers are (low, best, high) with None for "not quantified" and for "open".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from incidentlog.projections.estimate import Estimate
from incidentlog.projections.merged import Merged
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import FIRM, OPEN, Statement
from support.plain_fold import PlainFold, quantified, value
from support.plain_resolve import LIVE, merge

NOTHING = Estimate(0, None, 0, 0, (), (), 0, 0, 0)


class Total(NamedTuple):
    low: int
    best: int | None
    high: int | None
    as_of: int
    flags: tuple[str, ...]


class PlainRollups:
    """All roll-ups of a set of statements."""

    def __init__(self, statements: Iterable[tuple[Cell, Statement]], host_first: Callable[[str], bool]) -> None:
        self.sets: dict[Cell, list[Statement]] = {}
        self.host_first = host_first
        for cell, statement in statements:
            self.sets.setdefault(cell, []).append(statement)
        # Asked for again and again, and the set stays as it is.
        self.estimate, self.merged = cache(self._estimate), cache(self._merged)
        self.cells, self.without_attributed = cache(self._cells), cache(self._without_attributed)

    def plain(self, cell: Cell) -> PlainFold:
        return PlainFold(cell, host_first=self.host_first(cell.measure))

    def _estimate(self, cell: Cell, scope: str) -> Estimate | None:
        outcome = self.plain(cell).fold(self.sets[cell], scope)
        return outcome.estimate if outcome else None

    def _merged(self, cell: Cell, scope: str) -> list[Merged]:
        claims = [c for c in self.plain(cell).step_1(self.sets[cell]) if c.fate == LIVE]
        if scope:
            claims = [c for c in claims if c.content.subdivision == scope]
            claims = [c._replace(content=c.content._replace(subdivision="")) for c in claims]
        return merge(claims)

    def _cells(self, measure: str, country: str, scope: str) -> dict[Cell, Estimate]:
        here = [cell for cell in self.sets if cell.measure == measure and cell.country == country]
        return {cell: e for cell in here if (e := self.estimate(cell, scope)) is not None}

    def hosts(self, measure: str) -> list[str]:
        return sorted(
            {cell.country for cell in self.sets if cell.measure == measure and self.cells(measure, cell.country, "")}
        )

    def containers(self, measure: str, country: str, scope: str) -> list[tuple[Cell, Merged]]:
        cells = self.cells(measure, country, scope)
        return [(cell, m) for cell in cells if cell.mixed for m in self.merged(cell, scope)]

    def parts(self, container: Merged, home: Cell, scope: str) -> list[Merged]:
        others = [cell for cell in self.cells(home.measure, home.country, scope) if cell != home]
        return [m for cell in others for m in self.merged(cell, scope) if m.part_of in container.ids]

    def attributed(self, cell: Cell, scope: str) -> list[Merged]:
        containers = self.containers(cell.measure, cell.country, scope)
        homes = {name for home, m in containers if home != cell for name in m.ids}
        own = {name for m in self.merged(cell, scope) for name in m.ids}
        return [m for m in self.merged(cell, scope) if m.part_of in homes and m.part_of not in own]

    def _without_attributed(self, cell: Cell, scope: str) -> Estimate:
        attributed = self.attributed(cell, scope)
        rest = [m for m in self.merged(cell, scope) if m not in attributed]
        return (
            self.plain(cell).count(rest).estimate if attributed else self.cells(cell.measure, cell.country, scope)[cell]
        )

    def total(self, measure: str, country: str, scope: str = "") -> Total | None:
        """Step 9 over the nationalities of one measure, host country and scope."""
        cells = self.cells(measure, country, scope)
        if not cells:
            return None
        rest = {cell: self.without_attributed(cell, scope) for cell in cells}
        n = sums(e for cell, e in cells.items() if not cell.mixed)
        n_rest = sums(e for cell, e in rest.items() if not cell.mixed)
        m = sums(e for cell, e in rest.items() if cell.mixed)
        highs = sum(part.high for cell in cells for part in self.attributed(cell, scope))
        low = max(n_rest[0], m[0], min(n[0], m[2]))
        best = max(n_rest[1], m[1], min(n[1], m[2]))
        high = n_rest[2] + max(m[2], highs)
        flags = {flag for e in cells.values() for flag in e.flags}
        for home, container in self.containers(measure, country, scope):
            lows = sum(p.low for p in self.parts(container, home, scope) if p.grade == FIRM)
            if lows > container.high:
                flags.add("over_attributed")
        return total((low, best, high), cells.values(), flags)

    def residuals(self, measure: str, country: str) -> dict[Cell, Estimate]:
        """What breakdowns leave unnamed, folded like claims of the container's cell."""
        left: dict[Cell, list[Merged]] = {}
        for home, container in self.containers(measure, country, ""):
            parts = self.parts(container, home, "")
            if home.nationality == "XXX" or not parts:
                continue
            best = worth(container) - sum(map(worth, parts))
            if best > 0:
                low = max(0, container.low - sum(p.high for p in parts))
                high = container.high - sum(p.low for p in parts if p.grade == FIRM)
                high = OPEN if container.high >= OPEN else max(best, high)
                left.setdefault(home, []).append(container._replace(low=low, best=best, high=high))
        return {home: self.plain(home).count(remainders).estimate for home, remainders in left.items()}

    def by_nationality(self, measure: str) -> dict[str, Total]:
        rows: dict[str, list[Estimate]] = {}
        for country in self.hosts(measure):
            for cell, estimate in self.cells(measure, country, "").items():
                rows.setdefault(cell.nationality, []).append(estimate)
            for residual in self.residuals(measure, country).values():
                rows.setdefault("XXX", []).append(residual._replace(flags=("residual",)))
        table = {nationality: added(estimates) for nationality, estimates in rows.items()}
        if table:
            table["*"] = self.worldwide(measure)
        return table

    def worldwide(self, measure: str) -> Total:
        totals = [t for country in self.hosts(measure) if (t := self.total(measure, country)) is not None]
        low = sum(t.low for t in totals)
        best = sum(t.low if t.best is None else t.best for t in totals)
        high = sum(OPEN if t.high is None else t.high for t in totals)
        flags = sorted({flag for t in totals for flag in t.flags})
        quantified_ = any(t.best is not None for t in totals)
        return Total(low, best if quantified_ else None, shown(high), max(t.as_of for t in totals), tuple(flags))

    def by_place(self, measure: str, scopes: Iterable[str]) -> dict[str, Total]:
        places = {(country, scope) for country in self.hosts(measure) for scope in ("", *scopes)}
        totals = [(scope or country, self.total(measure, country, scope)) for country, scope in places]
        return {place: t for place, t in totals if t is not None}


def worth(m: Merged) -> int:
    return value(m) if quantified(m) else 0


def shown(high: int) -> int | None:
    return None if high >= OPEN else high


def sums(estimates: Iterable[Estimate]) -> tuple[int, int, int]:
    listed = list(estimates)
    best = sum(e.low if e.best is None else e.best for e in listed)
    return sum(e.low for e in listed), best, sum(e.high for e in listed)


def added(estimates: list[Estimate]) -> Total:
    return total(sums(estimates), estimates, {flag for e in estimates for flag in e.flags})


def total(numbers: tuple[int, int, int], estimates: Iterable[Estimate], flags: Iterable[str]) -> Total:
    listed = list(estimates)
    best = numbers[1] if any(e.best is not None for e in listed) else None
    as_of = max((e.as_of for e in listed), default=0)
    return Total(numbers[0], best, shown(numbers[2]), as_of, tuple(sorted(flags)))
