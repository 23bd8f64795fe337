"""Pictures of timelines: the band from low to high, best as a line; where nothing bounds it above, the band is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from incidentlog.cli.errors import PictureExtraMissing
from incidentlog.projections.timeline import Point

_BAND, _LINE, _TEXT = "#c9d6df", "#1f4e79", "#4b555c"
#: Room above the greatest number, into which open bands reach.
_ROOM = 1.25


def draw(points: Sequence[Point], title: str, path: Path) -> None:
    """Draw a series of days as .svg or .png."""
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - takes long to import
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise PictureExtraMissing from missing
    with rc_context({"svg.hashsalt": "incidentlog", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8, 4), layout="constrained")
        axes = figure.subplots()
        days: Any = [date.fromisoformat(point.at) for point in points]
        ceiling = _ROOM * max((_top(point) for point in points), default=1)
        _band(axes, days, points, ceiling)
        bests = [point.low if point.best is None else point.best for point in points]
        axes.step(days, bests, where="post", color=_LINE, label="best", linewidth=2, marker="o", markersize=4)
        axes.set_title(title, loc="left", fontsize=11, color=_TEXT)
        axes.set_ylim(0, ceiling)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=_TEXT, labelsize=9)
        axes.legend(loc="upper left", frameon=False, fontsize=9, labelcolor=_TEXT)
        figure.autofmt_xdate()
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)


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
