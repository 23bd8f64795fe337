"""The words for what becomes of a claim, and the sentence that goes with each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from incidentlog.schemas.statements import OPEN

COUNTED_IN_LOW = "counted_in_low"
COUNTED_IN_BEST = "counted_in_best"
#: Its high is a term of high.
RAISES_HIGH = "raises_high"
#: Another wording of one utterance; the rest of its treatment is that statement's.
SAME_STATEMENT_AS = "same_statement_as"
PART_OF = "part_of"
#: Its window overlaps a counted one, or lies within a total that already includes it.
ABSORBED_BY = "absorbed_by"
#: A stock older than its authority's newest.
SUPERSEDED_BY = "superseded_by"
REVISED_DOWN_BY = "revised_down_by"
#: Retracted, after the day asked for, recorded after the moment asked for, or said to be elsewhere.
OUTSIDE = "outside"

#: How many claims a sentence names.
NAMED = 3


def listed(refs: Sequence[str]) -> str:
    """`S1`, `S1 and S2`, `S1, S2, S3 and 4 more`."""
    if len(refs) > NAMED + 1:
        return f"{', '.join(refs[:NAMED])} and {len(refs) - NAMED} more"
    return " and ".join([", ".join(refs[:-1]), refs[-1]] if len(refs) > 1 else refs)


def shown(day: int) -> str:
    """An ordinal day as people write it."""
    return date.fromordinal(day).isoformat()


def counted(low: int | None, best: int | None) -> str:
    """What a statement adds to low and to best; None: nothing."""
    if low is not None and best is not None:
        return f"adds {low} to low and {best} to best" if low != best else f"adds {low} to low and best"
    return f"adds {low} to low" if low is not None else f"adds {best} to best"


def raising(high: int) -> str:
    """What a statement does to high."""
    return "leaves high open" if high >= OPEN else f"adds {high} to high"


def reason(parts: Sequence[str]) -> str:
    """One sentence."""
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
