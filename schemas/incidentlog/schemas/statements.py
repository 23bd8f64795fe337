"""The statement record: one event of a cell's set, as the fold reads it and `incidentlog.statements` keeps it.

Days are proleptic ordinals (`datetime.date.toordinal`), 0 for a missing start; an open high is OPEN, so that sums stay
integers: a sum is open when it is at least OPEN.
"""

from __future__ import annotations

from typing import Any, NamedTuple

OPEN = 1 << 60
#: Grades, weakest first; a claim counts as firm, probable or possible.
POSSIBLE, PROBABLE, FIRM = 0, 1, 2
GRADES = ("possible", "probable", "firm")
CLAIM, CORRECTION, RETRACTION, GRADING, REDACTION = "claim", "correction", "retraction", "grading", "redaction"
#: In front of a target that names a statement key (all its wordings) instead of one event.
BY_KEY = "key:"


class Content(NamedTuple):
    """What a claim says, reduced to what decides numbers."""

    statement_key: str
    authority: str
    standing: str
    """The authority's class: `state`, `intergovernmental`, `ngo`, `media`."""
    country: str
    """Alpha-3 of the state the authority belongs to; empty for the others."""
    subdivision: str
    """ISO 3166-2 of the place; empty: the whole country."""
    kind: str
    """`increment`, `cumulative`, `stock` or `planned`."""
    start: int
    end: int
    low: int
    best: int | None
    high: int
    grade: int
    prior_unknown: bool
    part_of: str
    """Id of the claim that contains this one; empty: none."""
    published: str
    """Last moment of publication, as text that sorts like time."""


class Statement(NamedTuple):
    """One event of the set: a claim, or an event about claims.

    `recorded` is RFC 3339 in UTC with six decimals, so that text order is time order. `digest` is the sha256 (hex) of the
    event's content without its recorded time. `target` is empty for claims, else an event id or `key:` and a statement
    key. `time` orders gradings. `told` is what only readers need; the fold never looks at it.
    """

    id: str
    verb: str
    recorded: str
    digest: str
    ref: str
    target: str
    time: str
    grade: int
    content: Content | None
    told: dict[str, Any] | None
