"""Tables of rows: everything in 80 columns, the numbers whole in 40."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from incidentlog.schemas import words
from incidentlog.schemas.numbers import NOT_QUANTIFIED, best, count, high, plural
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS, ActionRow, EstimateRow, RollupRow, Row

LEGEND = f"{NOT_QUANTIFIED}  not quantified    open  nothing bounds it"
#: Least widths at which there is room for more than key and numbers.
_WITH_DAY, _WITH_NAME, _WITH_REMARKS = 44, 60, 72
NumberRow = EstimateRow | RollupRow


@dataclass(frozen=True, slots=True)
class RowTable:
    """The rows of one projection as a table that fits the console it is printed on."""

    projection: str
    rows: Sequence[Row]
    doubts: Mapping[str, int] = field(default_factory=dict)
    """How many dead letters may touch the row of a key."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich asks of a thing that can be printed."""
        grid = Table(box=box.SIMPLE_HEAD, title=words.TITLES.get(self.projection, self.projection),
                     title_justify="left", title_style="bold", show_edge=False, pad_edge=False)  # fmt: skip
        if self.projection == OFFICIAL_ACTIONS:
            yield _actions(grid, cast("Sequence[ActionRow]", self.rows), self.doubts)
        else:
            rows = ordered(self.projection, cast("Sequence[NumberRow]", self.rows))
            yield _numbers(grid, rows, self.doubts, options.max_width, cells=self.projection == ESTIMATES)


def ordered(projection: str, rows: Iterable[NumberRow]) -> list[NumberRow]:
    """By nationality the largest first and all together last; by place each country before its parts; else by key."""
    if projection == ESTIMATES:
        return sorted(rows, key=lambda row: row.key)
    if projection.endswith("-by-place"):
        return sorted(rows, key=lambda row: (row.key == words.ALL, words.country(row.key), len(row.key), row.key))
    return sorted(rows, key=_largest_first)


def _largest_first(row: NumberRow) -> tuple[Any, ...]:
    value = row.low if row.best is None else row.best
    return row.key == words.ALL, -value, row.high is not None, -(row.high or 0), row.key


def _numbers(grid: Table, rows: Sequence[NumberRow], doubts: Mapping[str, int], width: int, *, cells: bool) -> Table:
    named, dated, remarked = width >= _WITH_NAME and not cells, width >= _WITH_DAY, width >= _WITH_REMARKS
    grid.add_column("cell" if cells else "", no_wrap=True)
    if named:
        grid.add_column("", no_wrap=True)
    for bound in ("low", "best", "high"):
        grid.add_column(bound, justify="right", no_wrap=True)
    if dated:
        grid.add_column("as of", no_wrap=True)
    if remarked:
        grid.add_column("remarks", style="dim", ratio=1)
    elif doubts:
        grid.add_column("⚠", justify="right", no_wrap=True)
    for row in rows:
        names = [row.key, words.label(row.key)] if named else [row.key]
        day = [row.as_of or ""] if dated else []
        doubt = doubts.get(row.key, 0)
        said = [*([plural(doubt, "dead letter")] if doubt else []), *map(words.flag, row.flags)]
        remarks = [", ".join(said)] if remarked else [str(doubt or "")] if doubts else []
        grid.add_row(*names, count(row.low), Text(best(row.best), "bold"), high(row.high), *day, *remarks,
                     style="bold" if row.key == words.ALL else "")  # fmt: skip
    return grid


def _actions(grid: Table, rows: Sequence[ActionRow], doubts: Mapping[str, int]) -> Table:
    grid.add_column("days", no_wrap=True)
    for heading in ("office", "did", "where"):
        grid.add_column(heading, ratio=1)
    grid.add_column("ref", no_wrap=True, style="dim")
    if doubts:
        grid.add_column("⚠", justify="right", no_wrap=True)
    for row in sorted(rows, key=lambda row: (row.end, row.ref)):
        via = f" via {row.relayed_by}" if row.relayed_by else ""
        doubt = [str(doubts.get(row.key, ""))] if doubts else []
        grid.add_row(row.edtf, row.authority + via, spaced(row.type), " ".join(row.places), row.ref, *doubt)
    return grid


def spaced(name: str) -> str:
    """`TaskForceEstablished` as `task force established`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
