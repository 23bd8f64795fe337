"""The result as Markdown, to be kept beside what it is about."""

from __future__ import annotations

from collections.abc import Iterable

from incidentlog.bench.sums.peers import OURS, Peer
from incidentlog.bench.sums.summary import Line, Spread

_HEAD = (
    "| | events per CPU-second, median (least-greatest) | events per second | memory | incidentlog does | with start |",
    "|---|---:|---:|---:|---:|---:|",
)


def markdown(found: Iterable[Line], absent: Iterable[tuple[Peer, str]], conditions: Iterable[str]) -> str:
    """A table, who is missing from it and why, and the conditions."""
    rows = [
        f"| {line.peer.title} ({line.peer.note}) | {spread(line.per_cpu_second)} | {spread(line.per_second)} "
        f"| {line.resident >> 20} MiB | {ratio(line, line.ratio)} | {ratio(line, line.whole_ratio)} |"
        for line in found
    ]
    gaps = [f"- Not measured: {peer.title}: {' '.join(reason.split())}" for peer, reason in absent]
    said = [f"- {condition}" for condition in conditions]
    return "\n".join([*_HEAD, *rows, "", *gaps, *said, ""])


def spread(of: Spread) -> str:
    """`140,000 (131,000-144,000)`, to three digits."""
    return f"**{short(of.median)}** ({short(of.least)}-{short(of.greatest)})"


def ratio(line: Line, times: float | None) -> str:
    """`2.4 times`; nothing for this program itself."""
    if times is None or line.peer is OURS:
        return ""
    return f"{times:.2f} times" if times < 10 else f"{times:.0f} times"


def short(number: float) -> str:
    """A figure to three digits: what is beyond them is noise."""
    digits = len(str(round(number)))
    return f"{round(number, min(0, 3 - digits)):,.0f}"
