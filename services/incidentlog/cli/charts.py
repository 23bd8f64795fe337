"""Pictures of timelines: what is sure as an area, what is possible above it, open ends left open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from incidentlog.projections.timeline import Point


def draw(points: Sequence[Point], title: str, path: Path) -> None:
    """Draw a series of days as .svg or .png: low to high as a band, best as a line."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes long to import

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    days: Any = [date.fromisoformat(point.at) for point in points]
    lows, tops = [point.low for point in points], [_top(point) for point in points]
    axes.fill_between(days, lows, tops, step="post", color="#c9d6df", label="low to high")
    axes.step(days, [point.best if point.best is not None else point.low for point in points], where="post",
              color="#1f4e79", label="best")  # fmt: skip
    for day, point in zip(days, points, strict=True):
        if point.high is None:
            axes.annotate("open", (day, _top(point)), ha="center", va="bottom", fontsize=8, color="#5b6770")
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", frameon=False, fontsize=9)
    figure.autofmt_xdate()
    figure.savefig(path)


def _top(point: Point) -> int:
    return max(point.low, point.best or 0, point.high or 0)
