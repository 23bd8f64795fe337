"""The account that `why` gives people: the number, its remarks, its claims one by one, what a plain sum would say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from incidentlog.cli import words
from incidentlog.cli.claims import Explained, plain_sum
from incidentlog.cli.numbers import best, bounds, count, high, plural
from incidentlog.schemas.rows import EstimateRow, RollupRow, adapter

COUNTED, RAISES, LEFT_OUT = "●", "◐", "○"
_SHOWN_ADDENDS = 8


def account(row: Mapping[str, Any], claims: Sequence[Explained], notes: Mapping[str, str]) -> Group:
    """Everything `why` prints, top to bottom."""
    parts: list[RenderableType] = [*_heading(row), ""]
    for title, mark, chosen in _groups(claims):
        if chosen:
            parts += [Text(title, "bold"), _claims(mark, chosen, notes), ""]
    parts += [_closing(row, claims), Text(_sources(claims), "dim")]
    return Group(*parts)


def _heading(row: Mapping[str, Any]) -> list[RenderableType]:
    typed = adapter(row["projection"]).validate_python(row)
    assert isinstance(typed, EstimateRow | RollupRow)
    name = words.label(row["key"])
    title = Text.assemble((row["projection"], "bold"), " ", (row["key"], "bold"), f"  {name}" if name else "")
    number = Text.assemble(
        (bounds(typed), "bold"), "   low / best / high", f", as of {typed.as_of}" if typed.as_of else ""
    )
    said = [_in_words(typed.low, typed.best, typed.high)]
    said += [f"{words.flag(flag)}: {words.FLAGS.get(flag, '')}" for flag in typed.flags]
    return [title, number, "", *(Text(f"  {line}") for line in said)]


def _in_words(low: int, value: int | None, limit: int | None) -> str:
    at_most = "nothing bounds it above" if limit is None else f"at most {high(limit)}"
    nearest = "reported, but not in a number" if value is None else f"best account {best(value)}"
    return f"at least {count(low)}; {nearest}; {at_most}"


def _groups(claims: Sequence[Explained]) -> Iterable[tuple[str, str, list[Explained]]]:
    counted = [each for each in claims if each.counted]
    raising = [each for each in claims if not each.counted and "raises_high" in each.treatment.treatment]
    rest = [each for each in claims if each not in counted and each not in raising]
    yield "Counted", COUNTED, counted
    yield "Only raise high", RAISES, raising
    yield "Not counted", LEFT_OUT, rest


def _claims(mark: str, claims: Iterable[Explained], notes: Mapping[str, str]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(ratio=1)
    for each in claims:
        lines = [Text(_said(each)), Text(each.treatment.reason, "dim")]
        note = notes.get(each.treatment.id)
        grid.add_row(mark, each.treatment.ref, Group(*lines, *([Text(f"note: {note}", "dim italic")] if note else [])))
    return grid


def _said(claim: Explained) -> str:
    """`1000 / 1000 / open  "more than 1000", up to 2022-09-21, VN-MOFA`."""
    stated = claim.told.get("stated")
    by = claim.content.authority + (f" via {claim.told['relayed_by']}" if claim.told.get("relayed_by") else "")
    grade = [] if claim.firm else ["only possible" if claim.content.grade == 0 else "only probable"]
    place = [claim.content.subdivision] if claim.content.subdivision else []
    quoted = [f"“{stated}”"] if stated else []
    return f"{bounds(claim)}  " + ", ".join(
        [*quoted, *grade, days(claim.content.kind, claim.told.get("edtf", "")), *place, by]
    )


def days(kind: str, edtf: str) -> str:
    """The days of a claim as one would say them: `up to 2022-09-21`."""
    start, _, end = edtf.partition("/")
    if kind == "cumulative":
        return f"up to {end or start}" if start == ".." or not end else f"from {start} up to {end}"
    span = f"from {start} to {end}" if end else f"on {start}"
    return f"planned {span}" if kind == "planned" else span


def _closing(row: Mapping[str, Any], claims: Sequence[Explained]) -> Text:
    addends = plain_sum(claims)
    if sum(addends) == (row["best"] if row["best"] is not None else row["low"]):
        return Text("")
    shown = " + ".join(map(count, addends[:_SHOWN_ADDENDS])) + (" + …" if len(addends) > _SHOWN_ADDENDS else "")
    told = f"A plain sum of the {plural(len(addends), 'firm number')} would say {count(sum(addends))} ({shown})"
    return Text(f"{told}: the same people, told of several times.\n", "bold")


def _sources(claims: Iterable[Explained]) -> str:
    """Which article each claim was read in."""
    refs: dict[str, list[str]] = {}
    for each in claims:
        refs.setdefault(str(each.told.get("source", "?")), []).append(each.treatment.ref)
    lines = (f"  {shortened(source)}  {', '.join(sorted(found))}" for source, found in refs.items())
    return "Read in\n" + "\n".join(lines) if refs else "No claims."


def shortened(source: str) -> str:
    """An article's identity, its hash cut to what tells it apart."""
    return source[:24] + "…" if source.startswith("urn:sha256:") else source
