"""Roll-ups by place: a row for each host country and each subdivision named, over all nationalities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incidentlog.projections.host_total import HostTotal
from incidentlog.projections.projection import Projection
from incidentlog.projections.row_parts import shown
from incidentlog.schemas.contributions import Contribution
from incidentlog.schemas.rows import RollupRow


def by_place(name: str, measure: str) -> Projection[Contribution, HostTotal]:
    """The roll-up of `measure` with keys such as `KHM` and `KH-12`.

    No row adds places up: a country's number already holds its subdivisions'.
    """

    def rows(key: str, total: HostTotal) -> Iterator[tuple[str, RollupRow]]:
        if not total.empty:
            numbers = shown(total.bounds, quantified=total.quantified)
            yield key, RollupRow(name, key, *numbers, total.as_of, tuple(sorted(total.flags)), tuple(total.parts))

    return Projection(
        name, "contributions", _keys, _initial, _apply, rows, measures=frozenset({measure}), subdivisions=True
    )


def _keys(contribution: Contribution) -> Iterable[str]:
    return (contribution.scope or contribution.cell.rpartition("/")[2],)


def _initial(_key: str) -> HostTotal:
    return HostTotal()


def _apply(total: HostTotal, contribution: Contribution) -> HostTotal:
    total.apply(contribution)
    return total
