"""Quoting in messages: what a stranger sent is shown so far that they know it again, and never as a whole if it is long."""

from __future__ import annotations

#: Characters of a quoted value.
LONGEST = 80


def shown(value: object) -> str:
    """`value` as code would write it, its end left out where it is long."""
    if isinstance(value, str):
        return repr(value) if len(value) <= LONGEST else f"{value[:LONGEST]!r}…"
    return brief(repr(value))


def brief(text: str) -> str:
    """The text itself, its end left out where it is long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
