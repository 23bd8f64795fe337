"""One small job that every engine can do, done by this program and by others: the sum of a number for each key."""

from __future__ import annotations

from incidentlog.bench.errors import BenchExtraMissing

try:
    from incidentlog.bench.sums.peers import take_part
    from incidentlog.bench.sums.rounds import Plan, compare
    from incidentlog.bench.sums.runs import Terms
except ModuleNotFoundError as missing:
    if missing.name in {"psutil", "faust", "mode"}:
        raise BenchExtraMissing(missing.name) from missing
    raise

__all__ = ["Plan", "Terms", "compare", "take_part"]
