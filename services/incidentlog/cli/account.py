"""The account that `why` gives people: the number, its remarks, its claims one by one, what a plain sum would say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from incidentlog.projections.explained import Explained, plain_sum
from incidentlog.schemas import words
from incidentlog.schemas.cells import Cell, cell_of
from incidentlog.schemas.numbers import bounds, count, in_words, plural
from incidentlog.schemas.rows import EstimateRow, RollupRow, adapter

COUNTED, RAISES, LEFT_OUT, AGAIN = "●", "◐", "○", "="
MARKS = {COUNTED: "Counted", RAISES: "Only raise high", LEFT_OUT: "Not counted"}
_SHOWN_ADDENDS = 8
Row = Mapping[str, Any]


def account(row: Row, estimates: Mapping[str, Row], claims: Sequence[Explained], notes: Mapping[str, str]) -> Group:
    """Everything `why` prints, top to bottom."""
    parts: list[RenderableType] = [*_heading(row), ""]
    if len(estimates) > 1:
        parts += [Text("   ".join(f"{mark} {told.lower()}" for mark, told in MARKS.items()), "dim"), ""]
    for place, estimate in sorted(estimates.items(), key=lambda item: (-item[1]["low"], -(item[1]["high"] or 0))):
        marked = [(mark, [each for each in claims if each.place == place and _mark(each) == mark]) for mark in MARKS]
        if len(estimates) > 1:
            parts += [
                *_subheading(estimate),
                _claims([(mark, each) for mark, found in marked for each in found], notes),
                "",
            ]
            continue
        for mark, found in marked:
            parts += [Text(MARKS[mark], "bold"), _claims([(mark, each) for each in found], notes), ""] if found else []
    return Group(*parts, *_closing(row, claims), _sources(claims))


def _heading(row: Row) -> list[RenderableType]:
    typed = _typed(row)
    title = Text.assemble((f"{row['projection']} {row['key']}", "bold"), f"  {words.label(row['key'])}")
    number = Text.assemble((bounds(typed), "bold"), "   low / best / high", _as_of(typed.as_of))
    remarks = Table.grid(padding=(0, 1))
    remarks.add_column(no_wrap=True)
    remarks.add_column(ratio=1)
    remarks.add_row(" ", in_words(typed))
    partly = "in part: " if len(row.get("contributions", ())) > 1 or row["key"] == words.ALL else ""
    for flag in typed.flags:
        remarks.add_row(" ", f"{partly}{words.flag(flag)}: {words.FLAGS.get(flag, '')}", style="dim")
    return [title, number, "", remarks]


def _as_of(day: str | None) -> str:
    """`, as of 2022-09-21`, and how long ago that is where it is worth a thought."""
    if day is None:
        return ""
    age = (datetime.now(UTC).date() - date.fromisoformat(day)).days
    return f", as of {day}" + (f", {plural(age, 'day')} ago" if age > words.FRESH_DAYS else "")


def _subheading(estimate: Row) -> list[RenderableType]:
    line = Text.assemble((f"{estimate['key']}  {bounds(_typed(estimate))}", "bold"))
    mixed = Cell.parse(cell_of(estimate["key"])).mixed
    return [line, Text(words.MIXED, "dim")] if mixed else [line]


def _typed(row: Row) -> EstimateRow | RollupRow:
    typed = adapter(row["projection"]).validate_python(row)
    assert isinstance(typed, EstimateRow | RollupRow)
    return typed


def _mark(claim: Explained) -> str:
    return COUNTED if claim.counted else RAISES if claim.raising else LEFT_OUT


def _claims(claims: Iterable[tuple[str, Explained]], notes: Mapping[str, str]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(ratio=1)
    for mark, each in claims:
        lines = [Text(_said(each)), Text(_reason(each), "dim")]
        note = notes.get(each.treatment.id)
        grid.add_row(
            AGAIN if each.repeated else mark,
            each.treatment.ref,
            Group(*lines, *([Text(f"note: {note}", "dim italic")] if note else [])),
        )
    return grid


def _reason(claim: Explained) -> str:
    """The treatment in a sentence; of another wording not its numbers once more, which would look like an addition."""
    if claim.repeated and (claim.counted or claim.raising):
        return f"{claim.treatment.reason.partition(';')[0]}: the two count once."
    return claim.treatment.reason


def _said(claim: Explained) -> str:
    """`1000 / 1000 / open  "more than 1000", up to 2022-09-21, VN-MOFA`."""
    stated = claim.told.get("stated")
    by = claim.content.authority + (f" via {claim.told['relayed_by']}" if claim.told.get("relayed_by") else "")
    grade = [] if claim.firm else ["only possible" if claim.content.grade == 0 else "only probable"]
    place = [claim.content.subdivision] if claim.content.subdivision else []
    quoted = [f"“{stated}”"] if stated else []
    return f"{bounds(claim)}  " + ", ".join(
        [*quoted, *grade, words.days(claim.content.kind, claim.told.get("edtf", "")), *place, by]
    )


def _closing(row: Row, claims: Sequence[Explained]) -> list[RenderableType]:
    addends = plain_sum(claims)
    if any(part.get("residual") for part in row.get("contributions", ())):
        return []
    if sum(addends) == (row["best"] if row["best"] is not None else row["low"]):
        return []
    shown = " + ".join(map(count, addends[:_SHOWN_ADDENDS])) + (" + …" if len(addends) > _SHOWN_ADDENDS else "")
    told = f"A plain sum of the {plural(len(addends), 'firm number')} would say {count(sum(addends))} ({shown})"
    return [Text(f"{told}: much of that is the same, told of again.", "bold"), ""]


def _sources(claims: Iterable[Explained]) -> Table:
    """Which article each claim was read in."""
    refs: dict[str, list[str]] = {}
    for each in claims:
        refs.setdefault(str(each.told.get("source", "?")), []).append(each.treatment.ref)
    grid = Table.grid(padding=(0, 2))
    for source, found in sorted(refs.items(), key=lambda item: item[1]):
        grid.add_row(Text(shortened(source), "dim"), Text(", ".join(sorted(set(found))), "dim"))
    return grid


def shortened(source: str) -> str:
    """An article's identity, its hash cut to what tells it apart."""
    return source[:24] + "…" if source.startswith("urn:sha256:") else source
