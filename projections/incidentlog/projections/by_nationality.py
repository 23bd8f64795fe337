"""Roll-ups by nationality: a row for each, `*` for all of them, over all host countries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incidentlog.projections.host_total import HostTotal
from incidentlog.projections.projection import Projection
from incidentlog.projections.row_parts import Part, added, cell_part, residual_part, shown
from incidentlog.schemas.contributions import BlockContribution, CellContribution, Contribution
from incidentlog.schemas.rows import CellPart, HostPart, RollupRow

EVERYONE, UNSPECIFIED = "*", "XXX"


class Nationality:
    """The cells of one nationality, one for each host country. Different hosts' people are different people: they add."""

    def __init__(self) -> None:
        self.cells: dict[str, CellContribution] = {}
        self._parts: dict[str, CellPart] = {}

    def apply(self, contribution: Contribution) -> Nationality:
        """Let `contribution` replace its cell's, unless that was newer."""
        if isinstance(contribution, CellContribution):
            old = self.cells.get(contribution.cell)
            if old is None or old.version <= contribution.version:
                self.cells[contribution.cell] = contribution
                self._parts.pop(contribution.cell, None)
        return self

    @property
    def parts(self) -> list[CellPart]:
        """What a row says of each cell, by name of the cell."""
        parts = self._parts
        for cell in self.cells.keys() - parts.keys():
            parts[cell] = cell_part(self.cells[cell])
        return [part for _, part in sorted(parts.items())]


class Worldwide:
    """Everyone, by host country: the hosts' totals add, and the unspecified, whom breakdowns add to, are found there too."""

    def __init__(self) -> None:
        self.hosts: dict[str, HostTotal] = {}

    def apply(self, contribution: Contribution) -> Worldwide:
        """Fold `contribution` into its host's total."""
        country = contribution.cell.rpartition("/")[2]
        host = self.hosts.get(country)
        if host is None:
            host = self.hosts[country] = HostTotal()
        host.apply(contribution)
        return self


def by_nationality(name: str, measure: str) -> Projection[Contribution, Nationality | Worldwide]:
    """The roll-up of `measure` with keys such as `VNM` and `*`."""

    def rows(key: str, state: Nationality | Worldwide) -> Iterator[tuple[str, RollupRow]]:
        if isinstance(state, Nationality):
            yield key, added(name, key, state.parts, {flag for cell in state.cells.values() for flag in cell.flags})
        else:
            yield from _worldwide(name, state)
            yield from _unspecified(name, measure, state)

    return Projection(name, "contributions", _keys, _initial, _apply, rows, measures=frozenset({measure}))


def _keys(contribution: Contribution) -> Iterable[str]:
    if contribution.scope:
        return ()
    nationality = contribution.cell.split("/")[1]
    # Who is unspecified depends on the breakdowns of other cells as well: that row is kept with everyone's.
    if nationality == UNSPECIFIED or isinstance(contribution, BlockContribution):
        return (EVERYONE,)
    return (nationality, EVERYONE)


def _initial(key: str) -> Nationality | Worldwide:
    return Worldwide() if key == EVERYONE else Nationality()


def _apply(state: Nationality | Worldwide, contribution: Contribution) -> Nationality | Worldwide:
    return state.apply(contribution)


def _worldwide(name: str, state: Worldwide) -> Iterator[tuple[str, RollupRow]]:
    hosts = [(country, host) for country, host in sorted(state.hosts.items()) if not host.empty]
    parts: list[Part] = [
        HostPart(country, *shown(host.bounds, quantified=host.quantified), host.as_of) for country, host in hosts
    ]
    if parts:
        yield EVERYONE, added(name, EVERYONE, parts, {flag for _, host in hosts for flag in host.flags})


def _unspecified(name: str, measure: str, state: Worldwide) -> Iterator[tuple[str, RollupRow]]:
    parts: list[Part] = []
    flags: set[str] = set()
    for country, host in sorted(state.hosts.items()):
        own = host.contribution(f"{measure}/{UNSPECIFIED}/{country}")
        if own is not None:
            parts.append(cell_part(own))
            flags.update(own.flags)
        for cell, residual in sorted(host.breakdowns.residuals().items()):
            flags.add("residual")
            parts.append(residual_part(cell, residual))
    if parts:
        yield UNSPECIFIED, added(name, UNSPECIFIED, parts, flags)
