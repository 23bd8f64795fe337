"""The flags an estimate may carry, each with what it tells the reader."""

from __future__ import annotations

#: Authorities may have seen the same persons: more than one has a part in high.
SEVERAL_AUTHORITIES = "several_authorities"
#: A quantified window starts on or before the anchor's day and ends after it, so best leaves it out.
STRADDLE = "straddle"
#: There are live claims, but none is firm: only high can be above 0.
POSSIBLE_ONLY = "possible_only"
#: The anchor and the clusters gave less than low; best was lifted to low.
BEST_RAISED = "best_raised"
#: Wordings of one statement exclude each other; their hull stands.
STATEMENT_CONFLICT = "statement_conflict"
#: An authority's later total is below its earlier one, at most 90 days before: the earlier no longer counts.
REVISION_DOWN = "revision_down"
#: The same, but farther apart: two series, and both count.
SERIES_BREAK = "series_break"
#: "Further n" from an authority without a total: nothing bounds what came before.
BASELINE_UNKNOWN = "baseline_unknown"
#: Another authority's total, no newer than the anchor, has a low above the anchor's value. For review.
AUTHORITY_CONFLICT = "authority_conflict"
#: One id with two contents reached the log; the copy recorded first speaks.
ID_CONFLICT = "id_conflict"
#: Claims are said to contain each other, or a statement itself: that containment is ignored.
CONTAINMENT_IGNORED = "containment_ignored"
#: Every claim that once stood here is withdrawn.
WITHDRAWN = "withdrawn"
