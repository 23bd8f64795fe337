"""Pictures of timelines: the band from low to high, best as a line; where nothing bounds it above, the band fades out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Room above the greatest number, into which open bands reach.
_ROOM = 1.3
_STRIPS = 10
#: How a tick is called by what it counts (years, months, days, hours, minutes, seconds), where it begins the next longer
#: one, and what is told once for all.
_SHORT = ["%Y", "%b", "%-d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
_ROUND = ["", "%Y", "%-d %b", "%-d %b", "%H:%M", "%H:%M"]
_ONCE = ["", "%Y", "%Y", "%-d %b %Y", "%-d %b %Y", "%-d %b %Y"]
_SETTINGS: Any = {
    "svg.hashsalt": "incidentlog",
    "svg.fonttype": "none",
    "axes.unicode_minus": False,
}
#: Width and height in inches.
Size = tuple[float, float]
WIDE, NARROW = (8.4, 3.1), (4.0, 2.8)
#: Settings of the library are the process's: one picture at a time.
_drawing = Lock()


class Point(Protocol):
    """A number from a day (`at` as an ISO day) or a moment (RFC 3339) on."""

    @property
    def at(self) -> str: ...
    @property
    def low(self) -> int: ...
    @property
    def best(self) -> int | None: ...
    @property
    def high(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a picture; its ground is left to what it lies on."""

    band: str
    line: str
    text: str
    grid: str


LIGHT = Palette("#8db8cf", "#0b5678", "#4a5256", "#dfe3e4")
DARK = Palette("#3b6f8a", "#8fd0ee", "#b4bdc1", "#333b3f")


@dataclass(frozen=True, slots=True)
class Plotted:
    """A point, apart from where it came from."""

    at: str
    low: int
    best: int | None
    high: int | None


def svg(points: Sequence[Point], palette: Palette = LIGHT, size: Size = WIDE) -> bytes:
    """A picture of points, the same for the same points. Takes a tenth of a second: not for the event loop."""
    return _svg(tuple(Plotted(each.at, each.low, each.best, each.high) for each in points), palette, size)


@lru_cache(maxsize=256)
def _svg(points: tuple[Plotted, ...], palette: Palette, size: Size) -> bytes:
    out = BytesIO()
    save(points, out, "svg", palette, size=size)
    return out.getvalue()


def save(
    points: Sequence[Point],
    path: Any,
    kind: str,
    palette: Palette = LIGHT,
    title: str = "",
    size: Size = (8, 4),
) -> None:
    """Draw points to a path or a file, as `svg` or `png`."""
    from matplotlib import rc_context  # noqa: PLC0415 - takes long to import

    with _drawing, rc_context(_SETTINGS):
        drawn = figure(points, palette, title, size)
        drawn.savefig(
            path, format=kind, dpi=150, transparent=not title, metadata={"Date": None} if kind == "svg" else None
        )


def figure(points: Sequence[Point], palette: Palette, title: str, size: Size) -> Figure:
    """The picture itself."""
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter  # noqa: PLC0415

    drawn = Figure(figsize=size, layout="constrained")
    axes = drawn.subplots()
    times = _times(points)
    greatest = max((_top(point) for point in points), default=1) or 1
    ceiling = greatest * (_ROOM if any(point.high is None for point in points) else 1.08)
    _band(axes, times, points, palette, ceiling)
    bests = [point.low if point.best is None else point.best for point in points]
    axes.step(times, [*bests, bests[-1]], where="post", color=palette.line, linewidth=2)
    axes.plot(times[:-1], bests, linestyle="", marker="o", markersize=5, color=palette.line)
    axes.set_ylim(0, ceiling)
    axes.margins(x=0.01)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(palette.grid)
    axes.grid(axis="y", color=palette.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.tick_params(colors=palette.text, labelsize=9, length=0)
    _days(axes, palette)
    if title:
        axes.set_title(title, loc="left", fontsize=11, color=palette.text)
    return drawn


def _times(points: Sequence[Point]) -> list[Any]:
    """When each point begins, and when the last one's stretch ends in the picture."""
    found = [_time(each.at) for each in points]
    least = timedelta(days=1) if type(found[0]) is date else timedelta(minutes=1)
    return [*found, found[-1] + max((found[-1] - found[0]) / 8, least)]


def _time(at: str) -> date | datetime:
    """The beginning of a month, a day or a moment."""
    if len(at) > len("2022-09-21"):
        return datetime.fromisoformat(at)
    return date.fromisoformat(at if len(at) > len("2022-09") else f"{at}-01")


def _band(axes: Any, times: list[Any], points: Sequence[Point], palette: Palette, ceiling: float) -> None:
    for number, point in enumerate(points):
        stretch, low = times[number : number + 2], point.low
        if point.high is not None:
            axes.fill_between(stretch, low, point.high, color=palette.band, alpha=0.55, linewidth=0)
            continue
        height = (ceiling - low) / _STRIPS
        for strip in range(_STRIPS):
            bottom, alpha = low + strip * height, 0.55 * (1 - strip / _STRIPS)
            axes.fill_between(stretch, bottom, bottom + height, color=palette.band, alpha=alpha, linewidth=0)
        axes.plot(
            [stretch[0] + (stretch[1] - stretch[0]) / 2],
            [ceiling * 0.95],
            marker="^",
            gid="open",
            markersize=6,
            color=palette.line,
            linestyle="",
            clip_on=False,
        )


def _days(axes: Any, palette: Palette) -> None:
    from matplotlib import dates  # noqa: PLC0415

    untyped: Any = dates
    locator = untyped.AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        untyped.ConciseDateFormatter(locator, formats=_SHORT, zero_formats=_ROUND, offset_formats=_ONCE)
    )
    axes.xaxis.get_offset_text().set_color(palette.text)


def _top(point: Point) -> int:
    return max(point.low, point.best or 0, point.high or 0)
