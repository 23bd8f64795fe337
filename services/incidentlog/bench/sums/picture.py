"""The result as a picture: a bar for each peer, its spread, and the figure beside it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from incidentlog.bench.errors import BenchExtraMissing
from incidentlog.bench.sums.markdown import short
from incidentlog.bench.sums.peers import OURS
from incidentlog.bench.sums.summary import Line

_OURS, _BARE, _OTHERS = "#0b6e4f", "#c9c9c9", "#7c9cbf"


def draw(found: Sequence[Line], path: Path, title: str) -> None:
    """Write an SVG or a PNG, by the file's ending; the same bytes for the same figures."""
    try:
        mpl, figures = import_module("matplotlib"), import_module("matplotlib.figure")
    except ModuleNotFoundError as missing:
        raise BenchExtraMissing(missing.name or "matplotlib") from missing
    with mpl.rc_context({"svg.hashsalt": "incidentlog", "svg.fonttype": "none", "font.size": 9}):
        figure = figures.Figure(figsize=(8, 0.8 + 0.42 * len(found)), layout="constrained")
        axes = figure.add_subplot()
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
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else {"Software": None})
