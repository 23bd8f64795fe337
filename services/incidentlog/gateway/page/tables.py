"""What the page of a projection shows: its rows in an order, each with its bar, and the choices a reader has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from incidentlog.gateway.answers import Answers, Filter, Page
from incidentlog.gateway.page import phrases
from incidentlog.gateway.page.bars import Bar, Scale, scale
from incidentlog.gateway.views import ActionView, NumberView, RowsAnswer
from incidentlog.schemas import words
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.rows import ESTIMATES

#: As many rows can be sorted; longer tables come by key, so many on a page.
SORTABLE, PAGE = 400, 200
COLUMNS = {
    "name": "Name",
    "people": "Nationality",
    "place": "Place",
    "low": "Low",
    "best": "Best",
    "high": "High",
    "as_of": "As of",
}
_DESCENDING = ("low", "best", "high", "as_of")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the table shows it."""

    row: NumberView
    name: str
    bar: Bar
    total: bool
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading that sorts: `order` is how it is sorted now (empty: not by this), `query` what asks for it."""

    name: str
    title: str
    order: str
    query: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked of a table: an order, a filter, a page."""

    sort: str = ""
    order: str = ""
    chosen: Filter = field(default_factory=Filter)
    after: str = ""

    def query(self, **changes: str) -> str:
        """The query string for this and `changes`; defaults are left out."""
        told = {"sort": self.sort, "order": self.order, "measure": self.chosen.measure,
                "nationality": self.chosen.nationality, "place": self.chosen.place, "after": self.after}  # fmt: skip
        return urlencode({name: value for name, value in (told | changes).items() if value})


@dataclass(frozen=True, slots=True)
class Table:
    """A table of numbers or of actions, whichever the projection has."""

    answer: RowsAnswer
    asked: Asked
    lines: Sequence[Line]
    actions: Sequence[ActionView]
    scale: Scale
    columns: Sequence[Column]
    choices: Mapping[str, Sequence[tuple[str, str]]]

    @property
    def next(self) -> str:
        """The query of the next page, empty at the end."""
        return self.asked.query(after=self.answer.next) if self.answer.next else ""


def table(answers: Answers, projection: str, asked: Asked, registers: Registers) -> Table:
    """The table that was asked for."""
    answer = answers.numbers(projection, asked.chosen, Page(asked.after, SORTABLE))
    if answer.next or asked.after:
        answer = answers.numbers(projection, asked.chosen, Page(asked.after, PAGE))
    numbers = [row for row in answer.rows if isinstance(row, NumberView)]
    actions = [row for row in answer.rows if isinstance(row, ActionView)]
    common = scale(numbers)
    whole = not asked.after and answer.next is None
    lines = (
        _sorted(lines_of(numbers, common, registers), projection, asked)
        if whole
        else lines_of(numbers, common, registers)
    )
    names = [name for name in COLUMNS if name not in ("people", "place") or projection == ESTIMATES]
    columns = [_column(name, projection, asked) for name in names]
    newest = sorted(actions, key=lambda row: (row.end, row.ref), reverse=True)
    return Table(
        answer, asked, lines, newest, common, columns if whole else [], _choices(answers, projection, registers)
    )


def lines_of(rows: Iterable[NumberView], common: Scale, registers: Registers) -> list[Line]:
    """Rows with their bars, as they come."""
    return [
        Line(row, _name(row, registers), common.bar(row), row.key == words.ALL, [words.flag(f) for f in row.flags])
        for row in rows
    ]


def _name(row: NumberView, registers: Registers) -> str:
    """Its name; estimates have their place in a column of its own."""
    return phrases.counted_of(row.key, registers) if row.projection == ESTIMATES else phrases.name(row, registers)


def largest_first(lines: Iterable[Line]) -> list[Line]:
    """All together first, then by size."""
    return sorted(lines, key=lambda line: (not line.total, *_size(line), line.name))


def _size(line: Line) -> tuple[Any, ...]:
    row = line.row
    return -(row.low if row.best is None else row.best), row.high is not None, -(row.high or 0)


def _sorted(lines: list[Line], projection: str, asked: Asked) -> list[Line]:
    if asked.sort not in COLUMNS:
        if projection == ESTIMATES:
            return sorted(lines, key=lambda line: line.row.key)
        return _by_place(lines) if projection.endswith("-by-place") else largest_first(lines)
    by = _KEYS[asked.sort]
    found = sorted(sorted(lines, key=lambda line: line.name), key=by, reverse=_order(asked) == "desc")
    return sorted(found, key=lambda line: not line.total)


def _by_place(lines: Iterable[Line]) -> list[Line]:
    """Each country before its parts."""
    return sorted(
        lines, key=lambda line: (not line.total, words.country(line.row.key), len(line.row.key), line.row.key)
    )


_KEYS: Mapping[str, Callable[[Line], Any]] = {
    "name": lambda line: line.name.casefold(),
    "people": lambda line: phrases.place(line.row.key.split("/")[1]).casefold(),
    "place": lambda line: (line.row.key.split("/")[2:], line.row.key),
    "low": lambda line: line.row.low,
    "best": lambda line: -1 if line.row.best is None else line.row.best,
    "high": lambda line: (line.row.high is None, line.row.high or 0),
    "as_of": lambda line: line.row.as_of or "",
}


def _order(asked: Asked) -> str:
    return asked.order if asked.order in ("asc", "desc") else ("desc" if asked.sort in _DESCENDING else "asc")


def _column(name: str, projection: str, asked: Asked) -> Column:
    title = ("Place" if projection.endswith("-by-place") else "Nationality") if name == "name" else COLUMNS[name]
    if projection == ESTIMATES and name == "name":
        title = "Measure"
    now = _order(asked) if asked.sort == name else ""
    first = "desc" if name in _DESCENDING else "asc"
    wanted = {"desc": "asc", "asc": "desc"}.get(now, first)
    return Column(name, title, now, asked.query(sort=name, order=wanted))


def _choices(answers: Answers, projection: str, registers: Registers) -> dict[str, list[tuple[str, str]]]:
    """What estimates can be narrowed to, by field: code and name."""
    if projection != ESTIMATES:
        return {}
    keys = [key.split("/") for key in answers.showing(projection).keys]
    measures = {measure: phrases.measure(measure, registers) for measure in {key[0] for key in keys}}
    people = {code: phrases.capital(phrases.place(code)) for code in {key[1] for key in keys}}
    places = {code: phrases.place(code) for code in {code for key in keys for code in key[2:]}}
    named = {"measure": measures, "nationality": people, "place": places}
    return {field: sorted(names.items(), key=lambda item: item[1]) for field, names in named.items()}
