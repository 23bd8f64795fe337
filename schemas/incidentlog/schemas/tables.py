"""The tables that ship beside the code (`data/*.json`): codes, labels, offices, measures and words."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import orjson


def table(name: str) -> Any:
    """The content of the table `name`, read anew: callers keep what they build from it."""
    return orjson.loads(files("incidentlog.schemas").joinpath("data", f"{name}.json").read_bytes())
