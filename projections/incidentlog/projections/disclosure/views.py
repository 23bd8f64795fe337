"""The two views: everything, and what the public may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, NamedTuple, Protocol

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.disclosure import coarse
from incidentlog.projections.disclosure.embargo import released
from incidentlog.projections.disclosure.small_cells import SmallCells, blocks_of, crosses, small
from incidentlog.projections.timeline import Point
from incidentlog.schemas import iso, paraphrase
from incidentlog.schemas.cells import MIXED, cell_of
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.statements import Statement

View = Literal["public", "full"]
#: `dataclassification` of what each view answers.
CLASSIFICATION: Mapping[View, str] = {"public": "public", "full": "restricted"}
#: A row as in JSON.
Row = Mapping[str, Any]
#: A claim as `why --json` prints it, perhaps with its `note`, the `place` it was asked for, its `days` in words, and when
#: it was `recorded`.
Line = dict[str, Any]


class Account(NamedTuple):
    """The claims behind a number that may be shown, and how many may not."""

    lines: list[Line]
    withheld: int


class Disclosure(Protocol):
    """What a view makes of what the log says. It changes nothing it is given."""

    @property
    def view(self) -> View: ...

    def row(self, row: Row) -> Row | None:
        """A row of any projection; None: this view has no such row."""

    def statements(self, statements: Iterable[Statement]) -> list[Statement]:
        """The statements of a cell that may be folded for this view."""

    def account(self, row: Row, lines: Iterable[Line]) -> Account:
        """The claims behind a row that `row` let through, folded from what `statements` let through."""

    def claim(self, line: Line, among: Iterable[Line] = ()) -> Line:
        """One claim by itself, folded likewise; `among` are the claims of its cell, which it may speak of."""

    def points(self, row: Row, points: Sequence[Point]) -> list[Point]:
        """The timeline of a row, folded likewise."""


class Full:
    """Everything, as it is."""

    view: View = "full"

    def row(self, row: Row) -> Row | None:
        return row

    def statements(self, statements: Iterable[Statement]) -> list[Statement]:
        return list(statements)

    def account(self, row: Row, lines: Iterable[Line]) -> Account:  # noqa: ARG002 - as the public view has it
        return Account(list(lines), 0)

    def claim(self, line: Line, among: Iterable[Line] = ()) -> Line:  # noqa: ARG002 - as the public view has it
        return line

    def points(self, row: Row, points: Sequence[Point]) -> list[Point]:  # noqa: ARG002 - as the public view has it
        return list(points)


FULL = Full()


class Public:
    """What anybody may see on `today`.

    `embargoed` are the cells with a claim under embargo: their rows and the roll-ups over them are not shown, unless
    they were folded anew from what `statements` lets through (then pass none). `small_cells` follows the estimates.
    """

    view: View = "public"

    def __init__(
        self,
        today: date,
        small_cells: SmallCells,
        *,
        embargoed: Collection[str] = (),
        registers: Registers | None = None,
    ) -> None:
        self.today, self._small, self._embargoed = today, small_cells, embargoed
        self._registers = registers or builtin()

    def row(self, row: Row) -> Row | None:
        if row["projection"] == OFFICIAL_ACTIONS:
            return self._action(row)
        if self.embargoed(row) or self._small.hides(row):
            return None
        return _by_month(row) if _is_fine(row) else row

    def embargoed(self, row: Row) -> bool:
        """Whether a cell with a claim under embargo is behind the row."""
        if not self._embargoed:
            return False
        if row["projection"] == ESTIMATES:
            return cell_of(row["key"]) in self._embargoed
        projection = PROJECTIONS.get(row["projection"])
        return projection is None or any(
            measure in projection.measures and _over(row["key"], nationality, host)
            for measure, nationality, host in (cell.split("/") for cell in self._embargoed)
        )

    def statements(self, statements: Iterable[Statement]) -> list[Statement]:
        return released(statements, self.today)

    def account(self, row: Row, lines: Iterable[Line]) -> Account:
        listed = list(lines)
        coarsened = {line["id"] for line in listed if _is_small(line)}
        # That a small claim stands in the account of a place would say where it happened.
        shown = [line for line in listed if not (line["id"] in coarsened and _is_fine(row))]
        return Account([self._told(line, coarsened) for line in shown], len(listed) - len(shown))

    def claim(self, line: Line, among: Iterable[Line] = ()) -> Line:
        return self._told(line, {each["id"] for each in among if _is_small(each)})

    def _told(self, line: Line, coarsened: Collection[str]) -> Line:
        if _is_small(line):
            return coarse.coarse_claim(_without_note(line), self._registers)
        note = line.get("note")
        told = _without_note(line) if note and paraphrase.problems(note, self._registers) else line
        return _apart(told, coarsened)

    def points(self, row: Row, points: Sequence[Point]) -> list[Point]:
        if not _is_fine(row):
            return list(points)
        last = {coarse.month(point.at) or "": point for point in points}  # the last of each month
        return [replace(point, at=at) for at, point in last.items() if not small(point.low, point.best, point.high)]

    def _action(self, row: Row) -> Row | None:
        if row["embargo_until"] and self.today < date.fromisoformat(row["embargo_until"]):
            return None
        stated, nationality = row["quantity"], row["nationality"]
        if (
            stated is None
            or nationality is None
            or nationality in MIXED
            or not any(map(iso.is_subdivision, row["places"]))
        ):
            return row
        few = small(stated["low"], stated["best"], stated["high"])
        return coarse.coarse_action(_without_words(row), self._registers) if few else row


def _over(key: str, nationality: str, host: str) -> bool:
    """Whether the row `key` of a roll-up of its measure may have the cell behind it; remainders are under XXX."""
    return key in (nationality, "*", "XXX", host) or (iso.is_subdivision(key) and iso.country_of(key) == host)


def _is_fine(row: Row) -> bool:
    """Whether a row tells numbers of one nationality at a place below its country."""
    if row["projection"] == ESTIMATES:
        return crosses(row["key"])
    return bool(blocks_of(row)) and any(crosses(part.get("cell", "")) for part in row["contributions"])


def _by_month(row: Row) -> Row:
    """A number by place and nationality with the months of its days, and without the claims that would tell more."""
    told = {**row, "as_of": coarse.month(row["as_of"]), "coarsened": ["days"]}
    if "counted" in row:
        told["counted"] = []
    if "contributions" in row:
        told["contributions"] = [{**part, "as_of": coarse.month(part["as_of"])} for part in row["contributions"]]
    return told


def _is_small(line: Line) -> bool:
    nationality = str(line["cell"]).split("/")[1]
    return bool(line["subdivision"]) and nationality not in MIXED and small(line["low"], line["best"], line["high"])


def _apart(line: Line, coarsened: Collection[str]) -> Line:
    """The line without a word that links it to a claim that was coarsened."""
    if not any(name in coarsened for name in line["by"]):
        return line
    return line | {
        "by": [name for name in line["by"] if name not in coarsened],
        "reason": coarse.reason(line["treatment"]),
    }


def _without_note(line: Line) -> Line:
    return {name: value for name, value in line.items() if name != "note"}


def _without_words(row: Row) -> dict[str, Any]:
    stated = {name: value for name, value in row["quantity"].items() if name != "stated"}
    return {**row, "quantity": stated}
