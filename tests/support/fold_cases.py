"""Cells with known numbers: what the codebook's tables say of the five articles and of its edge cases, and each rule once.

Ids are the statements' labels, so that ties by id can be seen; days are written as dates.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import CLAIM, CORRECTION, FIRM, GRADING, OPEN, RETRACTION, Content, Statement
from support.histories import make

RECORDED = "2022-10-01T00:00:00.000000Z"
KNOWN_LATE = "2022-12-01T00:00:00.000000Z"
OFFICES = {
    "VN-MOFA": ("state", "VNM"),
    "MY-MOFA": ("state", "MYS"),
    "CN-EMBASSY": ("state", "CHN"),
    "KH-POLICE": ("state", "KHM"),
    "KH-MP": ("state", "KHM"),
    "KH-MOI": ("state", "KHM"),
    "KH-GOV": ("state", "KHM"),
    "KH-12": ("state", "KHM"),
    "KH-18": ("state", "KHM"),
    "UN": ("intergovernmental", ""),
    "NGO": ("ngo", ""),
    "PAPER": ("media", ""),
    "OUTLET": ("media", ""),
}
Numbers = tuple[int, int | None, int]


class Case(NamedTuple):
    """Statements of one cell, and the numbers and flags they come to."""

    name: str
    cell: str
    statements: tuple[Statement, ...]
    numbers: Numbers | None
    flags: frozenset[str] = frozenset()
    host_first: bool = False
    until: int = 0
    known: str = ""
    scope: str = ""

    @property
    def parsed(self) -> Cell:
        """The cell."""
        return Cell.parse(self.cell)


def day(text: str) -> int:
    """The ordinal of a date of 2022 (`09-21`) or of a whole date."""
    return date.fromisoformat(text if len(text) > 5 else f"2022-{text}").toordinal()


def exact(n: int) -> Numbers:
    return n, n, n


def about(n: int) -> Numbers:
    return -(-9 * n // 10), n, 11 * n // 10


def over(n: int) -> Numbers:
    return n, n, OPEN


def plural() -> Numbers:
    return 2, None, OPEN


def claim(
    ref: str,
    numbers: Numbers,
    window: str,
    by: str,
    *,
    kind: str = "",
    place: str = "",
    grade: int = FIRM,
    further: bool = False,
    part_of: str = "",
    key: str = "",
    published: str = "2022-09-30",
    recorded: str = RECORDED,
) -> Statement:
    """A claim. `window`: `../09-21` and `09-17..09-28` are cumulatives, `09-01/09-21` and `09-08` increments."""
    since, _, until = window.replace("..", "/", 1).rpartition("/")
    cumulative = ".." in window
    since = since.strip("/")
    start = day(since) if since else 0 if cumulative else day(until)
    standing, country = OFFICES[by]
    content = Content(
        statement_key=key or ref,
        authority=by,
        standing=standing,
        country=country,
        subdivision=place,
        kind=kind or ("cumulative" if cumulative else "increment"),
        start=start,
        end=day(until),
        low=numbers[0],
        best=numbers[1],
        high=numbers[2],
        grade=grade,
        prior_unknown=further,
        part_of=part_of,
        published=published,
    )
    return make(CLAIM, ref, content=content, recorded=recorded)


def retraction(ref: str, target: str, recorded: str = RECORDED) -> Statement:
    return make(RETRACTION, ref, target=target, recorded=recorded)


def correction(ref: str, to: Statement, recorded: str = RECORDED, target: str = "") -> Statement:
    """A correction that gives a claim the content of another."""
    return make(CORRECTION, ref, content=to.content, target=target or to.id, recorded=recorded)


def grading(ref: str, target: str, grade: int, time: str = "2022-10-02") -> Statement:
    return make(GRADING, ref, target=target, grade=grade, time=time)
