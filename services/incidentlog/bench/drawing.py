"""Pictures of results: axes to draw on, written in the end as SVG or PNG."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from incidentlog.bench.errors import BenchExtraMissing

_WIDTH = 8.0


@contextmanager
def drawing(path: Path, height: float, font_size: int) -> Iterator[Any]:
    """Axes of so many inches; written by the file's ending, the same bytes for the same drawing."""
    try:
        mpl, figures = import_module("matplotlib"), import_module("matplotlib.figure")
    except ModuleNotFoundError as missing:
        raise BenchExtraMissing(missing.name or "matplotlib") from missing
    with mpl.rc_context({"svg.hashsalt": "incidentlog", "svg.fonttype": "none", "font.size": font_size}):
        figure = figures.Figure(figsize=(_WIDTH, height), layout="constrained")
        axes = figure.add_subplot()
        yield axes
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else {"Software": None})
