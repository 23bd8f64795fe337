"""Beside a number: how many dead letters wait that it might lack."""

from __future__ import annotations

from incidentlog.client import AccessDenied, TopicMissing
from incidentlog.quarantine import letters
from incidentlog.quarantine.standing import Standing
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.topics import Topics

#: What is said where they may not be read: they hold what was refused, and whoever only follows rows has no business there.
UNTOLD = "dead letters are not counted: these credentials may not read them"


async def standing_in(bootstrap: str, topics: Topics, registers: Registers | None = None) -> Standing | None:
    """The dead letters as they stand; none in an installation from before there was such a thing: `topics check` tells. None
    if they may not be read."""
    try:
        found = await letters(bootstrap, topics)
    except TopicMissing:
        found = []
    except AccessDenied:
        return None
    return Standing(topics, registers or builtin(), found)


async def remark(
    bootstrap: str, topics: Topics, projection: str, key: str | None = None, registers: Registers | None = None
) -> str:
    """What to say of open letters that may touch a projection's row, or any of its rows; "" if there are none."""
    return doubt(await standing_in(bootstrap, topics, registers), projection, key)


def doubt(standing: Standing | None, projection: str, key: str | None = None) -> str:
    """The same, of letters that stand so."""
    if standing is None:
        return UNTOLD
    count = standing.touching(projection, key)
    return f"{plural(count, 'dead letter')} may be missing here: incidentlog dlq list" if count else ""
