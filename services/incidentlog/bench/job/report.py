"""What was found, for machines, for a page, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from incidentlog.bench.drawing import drawing
from incidentlog.bench.job.figures import Figure, as_json, markdown, short
from incidentlog.bench.job.plan import Found, Plan
from incidentlog.bench.job.runs import COMMIT_SECONDS, FETCH_BYTES
from incidentlog.bench.load import Load
from incidentlog.bench.machine import broker_in_words, machine_in_words

_REACHED, _MISSED = "#0b6e4f", "#b3423a"


def conditions(plan: Plan, found: Found) -> list[str]:
    """What a reader has to know, a sentence each."""
    load = Load.of(plan.events)
    return [
        (
            f"Claims of about 1,040 bytes over 6 topics of 4 partitions on {broker_in_words(plan.bootstrap)}, read by one "
            f"worker process; cells get claims by Zipf's law ({load.zipf:g}). {load.late:.0%} are up to {load.late_days} days "
            f"late, {load.echoes:.0%} repeat another, {load.withdrawn:.0%} correct or retract one, {load.parts:.0%} are part "
            "of one in another cell."
        ),
        (
            f"The job: everything from the fetch to the last roll-up row, in fenced transactions, from when the worker is live; "
            f"{FETCH_BYTES >> 10} KiB fetched of a partition at once, offsets committed every {COMMIT_SECONDS:g} s, all else by "
            "default. Beside it, in turns: a loop that only fetches and parses the same events."
        ),
        (
            "Rows are compared with the same events folded in one go; of loads over 100,000 events, with a seeded sample of "
            f"cells and nationalities. {plan.rounds} rounds of short runs, {plan.long_rounds} of long ones, after a warm-up."
        ),
        machine_in_words(f"{found.seconds / 60:.0f} minutes"),
    ]  # fmt: skip


def objects(found: Found, said: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The result as objects of JSON: the conditions, then one for each figure and each part that failed."""
    yield {"conditions": list(said)}
    yield from as_json(found.figures)
    yield from ({"part": part, "failed": reason} for part, reason in found.failed.items())


def page(found: Found, said: Sequence[str]) -> str:
    """The result as Markdown."""
    failed = [f"- Not measured: {part}: {reason}" for part, reason in found.failed.items()]
    return "\n".join([markdown(found.figures), *failed, *(f"- {each}" for each in said), ""])


def draw(figures: Sequence[Figure], path: Path) -> None:
    """Every figure with a mark, as part of that mark: an SVG or a PNG, by the file's ending."""
    marked = [figure for figure in figures if figure.mark]
    names = [f"{figure.what}\n{figure.case}" for figure in marked]
    shares = [figure.median / float(figure.mark.split()[1]) for figure in marked]
    with drawing(path, 0.8 + 0.5 * len(marked), font_size=8) as axes:
        axes.barh(names, shares, color=[_REACHED if figure.reached else _MISSED for figure in marked], height=0.6)
        for place, (figure, share) in enumerate(zip(marked, shares, strict=True)):
            axes.text(share, place, f"  {short(figure.median)} {figure.unit} (mark {figure.mark})", va="center")
        axes.axvline(1.0, color="#444444", linewidth=0.8)
        axes.invert_yaxis()
        axes.set_xlim(right=1.5 * max(1.0, *shares))
        axes.set_xlabel("median as part of its mark: left of the line for ≤, right of it for ≥")
