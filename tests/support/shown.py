"""Small worlds for the tests of what may be shown: claims by nationality, place and day, and all that a view tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

import orjson
from hypothesis import strategies as st

from incidentlog.projections.disclosure import FULL, Disclosure, Public, SmallCells
from incidentlog.projections.explained import explained
from incidentlog.projections.project import project
from incidentlog.projections.timeline import grown
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import CLAIM, FIRM, Content, Statement

PLACES = ("KH-12", "KH-18", "KH-8")
TODAY = date(2022, 10, 1)
ROLLUP = {"arrested": "arrests-by-place", "rescued": "rescued-by-nationality"}
Rows = dict[tuple[str, str], dict[str, Any]]


class Told(NamedTuple):
    """A claim as the tests think of it."""

    measure: str
    nationality: str
    place: str
    day: int
    best: int
    embargo: bool = False

    def filed(self, number: int) -> tuple[Cell, Statement]:
        """The claim as the folds take it; its id says nothing of it."""
        name, day = f"{number:032x}", date(2022, 9, self.day)
        content = Content(name, "UN-OHCHR", "intergovernmental", "", self.place, "increment", day.toordinal(), day.toordinal(),
                          self.best, self.best, self.best, FIRM, False, "", f"{day}T00:00:00.000000Z")  # fmt: skip  # noqa: FBT003
        told = {"source": "https://example.org/1", "stated": str(self.best), "qualifier": "exact", "edtf": str(day)}
        if self.embargo:
            told["embargo_until"] = "2022-12-24"
        statement = Statement(name, CLAIM, f"{day}T00:00:00.000000Z", name, f"R{number}", "", "", 0, content, told)
        return Cell(self.measure, self.nationality, "KHM"), statement


claims = st.builds(
    Told,
    st.sampled_from(tuple(ROLLUP)),
    st.sampled_from(("VNM", "MYS", "QMF", "XXX")),
    st.sampled_from(("", *PLACES)),
    st.integers(1, 28),
    st.one_of(st.integers(0, 12), st.integers(11, 60)),
    st.booleans(),
)
worlds = st.lists(claims, min_size=1, max_size=9)


def rows_of(filed: Iterable[tuple[Cell, Statement]]) -> Rows:
    """Every row as in JSON."""
    return {(row.projection, row.key): orjson.loads(orjson.dumps(row)) for row in project(filed)}


def everything(world: Iterable[Told], *, full: bool = False) -> Any:
    """All that a view tells of a world: its rows, and for each its claims and its timeline."""
    filed = [told.filed(number) for number, told in enumerate(world)]
    plain: Disclosure = FULL if full else Public(TODAY, SmallCells())
    by_cell = {cell: plain.statements(each for at, each in filed if at == cell) for cell in dict(filed)}
    allowed = [(cell, each) for cell, found in by_cell.items() for each in found]
    rows, cells = rows_of(allowed), SmallCells()
    for (projection, key), row in rows.items():
        if projection == "estimates":
            cells.apply(key, row)
    view: Disclosure = FULL if full else Public(TODAY, cells)
    told: dict[str, Any] = {}
    for (projection, key), row in sorted(rows.items()):
        shown = view.row(row)
        if shown is None:
            continue
        places = (
            [key] if projection == "estimates" else [part["cell"] for part in row["contributions"] if "cell" in part]
        )
        lines = [line for place in places for line in _lines(place, allowed)]
        points = [asdict(point) for point in view.points(row, grown(allowed, projection, key))]
        told[f"{projection} {key}"] = {"row": shown, "account": view.account(row, lines)._asdict(), "timeline": points}
    return orjson.loads(orjson.dumps(told))


def _lines(place: str, filed: list[tuple[Cell, Statement]]) -> list[dict[str, Any]]:
    cell = "/".join(place.split("/")[:3])
    statements = [each for at, each in filed if str(at) == cell]
    return [each.as_json(f"Told of in {each.place}.") | {"place": each.place} for each in explained(place, statements)]
