"""From numbers as they are summed (high at least OPEN: open) to numbers as rows show them (null), and rows of parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from incidentlog.projections.estimate import Estimate
from incidentlog.projections.summary import Bounds
from incidentlog.schemas.contributions import CellContribution
from incidentlog.schemas.rows import CellPart, HostPart, ResidualPart, RollupRow
from incidentlog.schemas.statements import OPEN

Part = CellPart | ResidualPart | HostPart


def shown_high(high: int) -> int | None:
    """`high`, null where open."""
    return None if high >= OPEN else high


@lru_cache(maxsize=4096)
def shown_day(day: int) -> str | None:
    """An ordinal day as ISO text; null for none."""
    return date.fromordinal(day).isoformat() if day else None


def shown(bounds: Bounds, *, quantified: bool) -> tuple[int, int | None, int | None]:
    """(low, best, high) as a row has them."""
    low, best, high = bounds
    return low, best if quantified else None, shown_high(high)


def cell_part(contribution: CellContribution) -> CellPart:
    """What a roll-up's row says of one cell."""
    place = f"{contribution.cell}/{contribution.scope}" if contribution.scope else contribution.cell
    return CellPart(place, contribution.low, contribution.best, contribution.high, contribution.as_of)


def residual_part(cell: str, residual: Estimate) -> ResidualPart:
    """What a roll-up's row says of a mixed cell's remainder."""
    return ResidualPart(cell, residual.low, residual.best, shown_high(residual.high), shown_day(residual.as_of))


def added(projection: str, key: str, parts: Sequence[Part], flags: Iterable[str]) -> RollupRow:
    """The row in which parts of different people simply add; a best that is null counts as its low."""
    low = best = high = 0
    quantified = False
    as_of: str | None = None
    for part in parts:
        low += part.low
        high += OPEN if part.high is None else part.high
        if part.best is None:
            best += part.low
        else:
            best += part.best
            quantified = True
        day = part.as_of
        if day is not None and (as_of is None or day > as_of):
            as_of = day
    numbers = shown((low, best, high), quantified=quantified)
    return RollupRow(projection, key, *numbers, as_of, tuple(sorted(set(flags))), tuple(parts))
