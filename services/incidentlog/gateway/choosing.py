"""Choosing rows: by what their keys and parts say, page by page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from incidentlog.gateway.showing import Showing
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.schemas import words
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows: all that are not ruled out. Codes as in keys: `measure` rescued, `nationality` VNM, `place` KHM or KH-12
    (a country takes in its subdivisions), `flag` one of the row's flags."""

    measure: str = ""
    nationality: str = ""
    place: str = ""
    flag: str = ""

    @property
    def everything(self) -> bool:
        """Whether nothing is ruled out."""
        return self == Filter()

    def passes(self, row: Row) -> bool:
        """Whether a row is among those wanted."""
        if self.flag and self.flag not in row.get("flags", ()):
            return False
        measures, nationalities, places = _about(row)
        return (
            (not self.measure or self.measure in measures)
            and (not self.nationality or self.nationality in nationalities)
            and (not self.place or any(self.place in (each, words.country(each)) for each in places))
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Rows whose keys come `after` one, at most `limit`; 0 is all."""

    after: str = ""
    limit: int = 0


def chosen(showing: Showing, wanted: Filter, page: Page) -> tuple[list[Row], int, str | None]:
    """The rows of a page by key, how many there are on all pages, and after which key the next page begins."""
    keys: Sequence[str] = showing.keys
    if not wanted.everything:
        keys = [key for key in keys if _wanted(showing, key, wanted)]
    start = bisect_right(keys, page.after) if page.after else 0
    end = start + page.limit if page.limit else len(keys)
    rows = [_row(showing, key) for key in keys[start:end]]
    return rows, len(keys), keys[end - 1] if end < len(keys) else None


def _wanted(showing: Showing, key: str, wanted: Filter) -> bool:
    """Whether a row passes; of estimates, of which there may be very many, as few as can be are taken apart."""
    if wanted.flag and wanted.flag.encode() not in (showing.data(key) or b""):
        return False
    by_key = showing.mirror.projection == ESTIMATES and not wanted.flag
    return wanted.passes({"projection": ESTIMATES, "key": key} if by_key else _row(showing, key))


def _row(showing: Showing, key: str) -> Row:
    row: Row = orjson.loads(showing.data(key) or b"{}")
    return row


def _about(row: Row) -> tuple[set[str], set[str], set[str]]:
    """The measures, nationalities and places a row is about."""
    if row["projection"] == OFFICIAL_ACTIONS:
        return set(), {row["nationality"] or ""}, set(row["places"])
    if row["projection"] == ESTIMATES:
        measure, nationality, *places = row["key"].split("/")
        return {measure}, {nationality}, {places[-1]}
    parts = row["contributions"]
    cells = [part["cell"].split("/") for part in parts if part.get("cell")]
    places = {cell[-1] for cell in cells} | {part["host"] for part in parts if part.get("host")}
    nationalities = {cell[1] for cell in cells}
    by_nationality = row["projection"].endswith("nationality")
    return (
        set(PROJECTIONS[row["projection"]].measures),
        {row["key"]} if by_nationality else nationalities,
        set(places) if by_nationality else {row["key"]},
    )
