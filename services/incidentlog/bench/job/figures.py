"""What a measurement found: figures with their spread, and the mark each of them has to reach."""

from __future__ import annotations

import operator
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MARKS = {"≤": operator.le, "≥": operator.ge}


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured in one case, once for each round. `mark`, such as "≤ 11", is for the median."""

    part: str
    case: str
    what: str
    unit: str
    values: Sequence[float]
    mark: str = ""

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def reached(self) -> bool | None:
        """Whether the median reaches the mark; None if there is none."""
        if not self.mark:
            return None
        sign, number = self.mark.split()[:2]
        return bool(_MARKS[sign](self.median, float(number)))


def as_json(figures: Iterable[Figure]) -> list[dict[str, object]]:
    """For machines: one object per figure."""
    return [
        {"part": f.part, "case": f.case, "what": f.what, "unit": f.unit, "min": min(f.values), "median": f.median,
         "max": max(f.values), "rounds": len(f.values), "mark": f.mark or None, "reached": f.reached}
        for f in figures
    ]  # fmt: skip


def rows(figures: Iterable[Figure]) -> list[tuple[str, ...]]:
    """For people: case, what, minimum, median, maximum with unit, mark and whether it is reached."""
    verdicts = {True: "reached", False: "missed", None: ""}
    return [
        (f.part, f.case, f.what, *(short(v) for v in (min(f.values), f.median, max(f.values))), f.unit, f.mark,
         verdicts[f.reached])
        for f in figures
    ]  # fmt: skip


def short(value: float) -> str:
    """Three digits that count, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


HEADINGS = ("part", "case", "what", "min", "median", "max", "unit", "mark", "")


def markdown(figures: Iterable[Figure]) -> str:
    """The same table for a page."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *rows(figures)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
