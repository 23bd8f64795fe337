"""A number and why: the estimate of one cell, and what became of each of its claims."""

from __future__ import annotations

from typing import NamedTuple

#: How many claims an estimate names; the whole list is the lineage.
NAMED = 20


class Estimate(NamedTuple):
    """What a fold says: low / best / high, and from how many claims.

    `best` is None when nothing is quantified; `high` is open when it is at least OPEN. `as_of` is the latest window end
    (an ordinal day) among the claims counted in low or best, 0 if there is none. `counted` holds the refs of the first
    20 of those claims by id, `counted_total` how many there are. All three count claims, not merged statements;
    `withdrawn` are those that once belonged here and no longer do. `flags` are sorted: see `flags.py`.
    """

    low: int
    best: int | None
    high: int
    as_of: int
    flags: tuple[str, ...]
    counted: tuple[str, ...]
    counted_total: int
    live: int
    withdrawn: int


class Treatment(NamedTuple):
    """What became of one claim.

    `treatment` holds one or more words of `treatments.py`, `by` the ids of the claims or events that caused it, and
    `reason` one plain sentence that names them by ref.
    """

    id: str
    ref: str
    treatment: tuple[str, ...]
    by: tuple[str, ...]
    reason: str
