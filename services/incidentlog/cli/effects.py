"""How the effect of a verdict looks: every number before and after, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from incidentlog.projections.effects import Effect
from incidentlog.review import Proposal
from incidentlog.schemas.about import AboutClaims, ClaimGraded
from incidentlog.schemas.numbers import bounds
from incidentlog.schemas.rows import ActionRow
from incidentlog.schemas.words import flag as word

_NOTHING = "no row"


def headline(proposal: Proposal) -> str:
    """What would be said of what, by whom and why."""
    data, subject = proposal.event.data, proposal.subject
    assert isinstance(data, AboutClaims)
    name = getattr(subject.data, "ref", subject.id)
    if data.target.statement_key is not None:
        name += " and all wordings of its statement"
    elif data.target.id != subject.id or isinstance(subject.data, AboutClaims):
        name = f"event {data.target.id}" + ("" if isinstance(subject.data, AboutClaims) else f" about {name}")
    grade = f" {data.grade}" if isinstance(data, ClaimGraded) else ""
    return f"{proposal.event.type}{grade}: {name} in {data.target.cell}, by {data.by}, {data.reason}"


def table(numbers: Iterable[Effect]) -> Table:
    """A line for every number; of its flags those that would come or go."""
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("number", "before", "after"):
        grid.add_column(heading, overflow="fold")
    for each in numbers:
        name = each.key if each.projection == "estimates" else f"{each.projection} {each.key}"
        grid.add_row(Text(name), _number(each.before), _after(each))
    return grid


def _after(effect: Effect) -> Text:
    if not effect.changed:
        return Text("unchanged", "dim")
    before, after = _number(effect.before), _number(effect.after)
    told = Text("the same number" if before == after else after, "dim" if before == after else "bold")
    gone, come = _flags(effect.before), _flags(effect.after)
    marks = [f"now {word(each)}" for each in sorted(come - gone)]
    marks += [f"no longer {word(each)}" for each in sorted(gone - come)] if effect.after is not None else []
    return told.append(f"  {', '.join(marks)}", "not bold") if marks else told


def _number(row: Any) -> str:
    if row is None:
        return _NOTHING
    return f"{row.type} {row.ref}" if isinstance(row, ActionRow) else bounds(row)


def _flags(row: Any) -> set[str]:
    return set(getattr(row, "flags", ()))
