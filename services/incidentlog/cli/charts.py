"""Pictures of timelines, as the gateway's pages have them, in files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from incidentlog.cli.errors import PictureExtraMissing
from incidentlog.gateway.page import chart
from incidentlog.projections.timeline import Point


def draw(points: Sequence[Point], title: str, path: Path) -> None:
    """Draw a series of days as .svg or .png."""
    try:
        chart.save(points, path, path.suffix.removeprefix("."), title=title)
    except ModuleNotFoundError as missing:
        raise PictureExtraMissing from missing
