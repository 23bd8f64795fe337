"""What someone may have meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], shown: int = 12) -> str:
    """`; did you mean A? There are: A, B, C` as far as it helps."""
    names = sorted(known)
    folded = {each.casefold(): each for each in names}
    close = [each for each in folded if name.casefold() in each] or get_close_matches(name.casefold(), folded, n=1)
    guess = folded[close[0]] if close and name else None
    listed = ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
    return (f"; did you mean {guess}?" if guess else ".") + f" There are: {listed}"
