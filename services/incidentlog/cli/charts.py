"""Pictures of timelines: the band from low to high, best as a line; where nothing bounds it above, the band is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from incidentlog.bench.drawing import drawing
from incidentlog.bench.errors import BenchExtraMissing
from incidentlog.cli.errors import PictureExtraMissing
from incidentlog.projections.timeline import Point

_BAND, _LINE, _TEXT = "#c9d6df", "#1f4e79", "#4b555c"
#: Room above the greatest number, into which open bands reach.
_ROOM = 1.25


def draw(points: Sequence[Point], title: str, path: Path) -> None:
    """Draw a series of days as .svg or .png."""
    try:
        _draw(points, title, path)
    except BenchExtraMissing as missing:
        raise PictureExtraMissing from missing


def _draw(points: Sequence[Point], title: str, path: Path) -> None:
    with drawing(path, height=4, font_size=9) as axes:
        days: Any = [date.fromisoformat(point.at) for point in points]
        ceiling = _ROOM * max((_top(point) for point in points), default=1)
        _band(axes, days, points, ceiling)
        bests = [point.low if point.best is None else point.best for point in points]
        axes.step(days, bests, where="post", color=_LINE, label="best", linewidth=2, marker="o", markersize=4)
        axes.set_title(title, loc="left", fontsize=11, color=_TEXT)
        axes.set_ylim(0, ceiling)
        axes.tick_params(colors=_TEXT)
        axes.tick_params("x", rotation=30)
        axes.legend(loc="upper left", frameon=False, labelcolor=_TEXT)


def _band(axes: Any, days: Any, points: Sequence[Point], ceiling: float) -> None:
    """From each day to the next: what is bounded in one tone, what is open hatched up to the edge."""
    labels = {False: "low to high", True: "open above"}
    for number, point in enumerate(points):
        span = days[number : number + 2]
        if len(span) == 2:
            is_open = point.high is None
            style: Any = {"facecolor": "none", "edgecolor": _BAND, "hatch": "///"} if is_open else {"color": _BAND}
            top = ceiling if is_open else point.high
            axes.fill_between(span, point.low, top, linewidth=0, label=labels.pop(is_open, None), **style)


def _top(point: Point) -> int:
    return max(point.low, point.best or 0, point.high or 0)
