"""The result as a picture: a bar for each peer, its spread, and the figure beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from incidentlog.bench.drawing import drawing
from incidentlog.bench.sums.markdown import short
from incidentlog.bench.sums.peers import OURS
from incidentlog.bench.sums.summary import Line

_OURS, _BARE, _OTHERS = "#0b6e4f", "#c9c9c9", "#7c9cbf"


def draw(found: Sequence[Line], path: Path, title: str) -> None:
    """Write an SVG or a PNG, by the file's ending; the same bytes for the same figures."""
    with drawing(path, 0.8 + 0.42 * len(found), font_size=9) as axes:
        medians = [line.per_cpu_second.median for line in found]
        below = [line.per_cpu_second.median - line.per_cpu_second.least for line in found]
        above = [line.per_cpu_second.greatest - line.per_cpu_second.median for line in found]
        colors = [_OURS if line.peer is OURS else _BARE if line.peer.bare else _OTHERS for line in found]
        names = [line.peer.title for line in found]
        axes.barh(names, medians, xerr=[below, above], color=colors, height=0.65, error_kw={"elinewidth": 0.8})
        for place, line in enumerate(found):
            axes.text(line.per_cpu_second.greatest, place, f"  {short(line.per_cpu_second.median)}", va="center")
        axes.invert_yaxis()
        axes.set_xlim(right=1.15 * max(line.per_cpu_second.greatest for line in found))
        axes.set_xlabel(
            "events per CPU-second: the median, and from the least to the greatest\ngrey: bare loops that store nothing"
        )
        axes.set_title(title, loc="left", fontsize=10)
        axes.xaxis.set_major_formatter("{x:,.0f}")
