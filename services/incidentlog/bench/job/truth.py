"""What is right: the rows that events must end in, whatever their order."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import Any

import orjson

from incidentlog.bench.load import Produced
from incidentlog.projections.project import project
from incidentlog.schemas import records

#: Rows by projection and key, without what `comparable` leaves out.
Rows = dict[tuple[str, str], dict[str, Any]]


def truth(produced: Iterable[Produced], *, until: int = 0) -> Rows:
    """The rows of these events, folded in one go; `until`: the ordinal of the last day that counts."""
    gc.disable()  # all of it is kept: looking for garbage would take longer than folding
    try:
        rows = project([records.read(orjson.loads(event.value))[1:] for event in produced], until=until)
    finally:
        gc.enable()
    return {(row.projection.replace("_", "-"), row.key): comparable(orjson.loads(orjson.dumps(row))) for row in rows}


def comparable(row: dict[str, Any]) -> dict[str, Any]:
    """The row without its version: the cell's when it last changed, which depends on what arrived together."""
    return {name: value for name, value in row.items() if name != "version"}
