"""The number of each cell and of each subdivision named in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incidentlog.projections.cell import CellFold
from incidentlog.projections.estimate import Estimate
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.projection import Filed, Projection
from incidentlog.projections.row_parts import shown_day, shown_high
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.rows import ESTIMATES as NAME
from incidentlog.schemas.rows import EstimateRow


def estimates(precedence: Precedence = by_default, *, until: int = 0, known: str = "") -> Projection[Filed, CellFold]:
    """Estimates up to day `until` (ordinal), of what was `known` by then (RFC 3339); no limits by default."""

    def initial(key: str) -> CellFold:
        cell = Cell.parse(key)
        return CellFold(cell, host_first=precedence(cell.measure), until=until, known=known)

    return Projection(NAME, "statements", _keys, initial, _apply, _rows)


def row_key(cell: str, scope: str) -> str:
    """`rescued/VNM/KHM`, or `arrested/XXX/KHM/KH-12` for a subdivision's number."""
    return f"{cell}/{scope}" if scope else cell


def row_of(estimate: Estimate, key: str, version: int) -> EstimateRow:
    """The estimate as its row."""
    return EstimateRow(
        NAME,
        key,
        estimate.low,
        estimate.best,
        shown_high(estimate.high),
        shown_day(estimate.as_of),
        estimate.flags,
        estimate.counted,
        estimate.counted_total,
        estimate.live,
        estimate.withdrawn,
        version,
    )


def _keys(event: Filed) -> Iterable[str]:
    return () if event.cell.official else (str(event.cell),)


def _apply(fold: CellFold, event: Filed) -> CellFold:
    fold.add(event.statement)
    return fold


def _rows(key: str, fold: CellFold) -> Iterator[tuple[str, EstimateRow]]:
    for scope in fold.scopes:
        estimate = fold.estimate(scope)
        if estimate is not None:
            name = row_key(key, scope)
            yield name, row_of(estimate, name, fold.version)


ESTIMATES = estimates()
