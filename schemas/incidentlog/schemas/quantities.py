"""Numbers as news words them, read by the codebook's table into low, best and high. Whole numbers throughout."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import shown
from incidentlog.schemas.values import Qualifier

#: The largest count, as in every model.
LARGEST = 1_000_000_000


class ReadQuantity(NamedTuple):
    """A phrase in numbers. `best` None: not quantified; `high` None: open. `stated` is the phrase itself.

    `prior_unknown` is set by "further": the number adds to a base that the source does not give.
    """

    low: int
    best: int | None
    high: int | None
    qualifier: Qualifier
    prior_unknown: bool
    stated: str


Bounds = tuple[int, int | None, int | None]
_RULES: dict[Qualifier, tuple[tuple[str, ...], Callable[[int], Bounds]]] = {
    "exact": (("",), lambda n: (n, n, n)),
    "about": (("about", "around", "some"), lambda n: (_nine_tenths(n), n, 11 * n // 10)),
    "nearly": (("nearly", "almost"), lambda n: (_nine_tenths(n), n, n)),
    # Not n + 1: one briefing is printed as "over", "around" and bare.
    "at_least": (("more than", "over", "at least"), lambda n: (n, n, None)),
    "up_to": (("up to",), lambda n: (0, None, n)),
}
_WORDS: dict[Qualifier, tuple[tuple[str, ...], Bounds]] = {
    "several": (("several",), (3, None, 9)),
    "tens": (("tens", "tens of"), (10, None, 99)),
    "dozens": (("dozens", "dozens of"), (12, None, 99)),
    "hundreds": (("hundreds", "hundreds of"), (100, None, 999)),
    "thousands": (("thousands", "thousands of"), (1000, None, 9999)),
    "plural": (("many", "plural", "a plural"), (2, None, None)),
    "unstated": (("unstated", "mentioned"), (0, None, None)),
}
_QUALIFIERS = {form: qualifier for qualifier, (forms, _) in _RULES.items() for form in forms}
_BARE = {form: qualifier for qualifier, (forms, _) in _WORDS.items() for form in forms}
_TO_TWENTY = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBERS = {word: n for n, word in enumerate(_TO_TWENTY, start=1)}
_DIGITS = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3}")
_ACCEPTED = (
    f"a number (600, 1,000, one to twenty), alone or after {', '.join(filter(None, _QUALIFIERS))}; "
    f"or {', '.join(_BARE)}; 'further' may stand before or after"
)


def quantity(phrase: str) -> ReadQuantity:
    """What `phrase` says as a number, such as "about 600", "dozens" or "24 further"; InvalidValue if it says none."""
    stated = " ".join(phrase.split())
    words = stated.casefold()
    base = words.removeprefix("further ").removesuffix(" further")
    further = base != words
    if base in _BARE:
        vague = _BARE[base]
        return ReadQuantity(*_WORDS[vague][1], vague, further, stated)
    before, _, number = base.rpartition(" ")
    qualifier, n = _QUALIFIERS.get(before), _number(number)
    if qualifier is None or n is None:
        raise InvalidValue("quantity", f"{shown(stated)} is not a quantity this log reads; write {_ACCEPTED}")
    low, best, high = _RULES[qualifier][1](n)
    if max(n, high or 0) > LARGEST:
        raise InvalidValue("quantity", f"{shown(stated)} goes beyond {LARGEST:,}, the largest count kept")
    return ReadQuantity(low, best, high, qualifier, further, stated)


def phrases(n: int) -> list[str]:
    """One phrase of every form that `quantity` reads, about `n` where a form has a number."""
    return [f"{form} {n}".strip() for form in _QUALIFIERS] + list(_BARE)


def _number(word: str) -> int | None:
    return int(word.replace(",", "")) if _DIGITS.fullmatch(word) else _NUMBERS.get(word)


def _nine_tenths(n: int) -> int:
    """0.9 n rounded up."""
    return -(-9 * n // 10)
