"""All that can be done with a result once it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from incidentlog.bench.sums.conditions import conditions
from incidentlog.bench.sums.markdown import markdown
from incidentlog.bench.sums.peers import Peer
from incidentlog.bench.sums.picture import draw
from incidentlog.bench.sums.summary import Line, lines, missing

__all__ = ["conditions", "draw", "lines", "markdown", "missing", "objects"]


def objects(found: Iterable[Line], absent: Iterable[tuple[Peer, str]], said: list[str]) -> Iterator[dict[str, Any]]:
    """The result as objects of JSON: the conditions, then one for each peer."""
    yield {"conditions": said}
    yield from (line.to_json() for line in found)
    yield from ({"peer": peer.name, "title": peer.title, "missing": reason} for peer, reason in absent)
