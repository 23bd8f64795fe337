"""How numbers look: low / best / high, a dash for what is not quantified, `open` where nothing bounds it."""

from __future__ import annotations

from typing import Protocol

NOT_QUANTIFIED, NO_LIMIT = "\N{EN DASH}", "open"


class Bounded(Protocol):
    """Anything with the three bounds of a row; `best` None is not quantified, `high` None is open."""

    @property
    def low(self) -> int: ...
    @property
    def best(self) -> int | None: ...
    @property
    def high(self) -> int | None: ...


def count(number: int) -> str:
    """Digits, in groups from five on: 1000, 10,000."""
    return f"{number:,}" if number >= 10_000 else str(number)


def best(number: int | None) -> str:
    """A best value, which may be missing."""
    return NOT_QUANTIFIED if number is None else count(number)


def high(number: int | None) -> str:
    """An upper bound, which may be missing."""
    return NO_LIMIT if number is None else count(number)


def bounds(of: Bounded) -> str:
    """`1000 / 1000 / open`."""
    return f"{count(of.low)} / {best(of.best)} / {high(of.high)}"


def in_words(of: Bounded) -> str:
    """`at least 1000; best account 1000; nothing bounds it above`."""
    at_most = "nothing bounds it above" if of.high is None else f"at most {high(of.high)}"
    nearest = "reported, but not in a number" if of.best is None else f"best account {best(of.best)}"
    return f"at least {count(of.low)}; {nearest}; {at_most}"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 claim`, `2 claims`."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"
