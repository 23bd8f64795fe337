"""Beside a number: how many dead letters wait that it might lack."""

from __future__ import annotations

from incidentlog.client import TopicMissing
from incidentlog.quarantine import letters
from incidentlog.quarantine.standing import Standing
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.topics import Topics


async def standing_in(bootstrap: str, topics: Topics, registers: Registers | None = None) -> Standing:
    """The dead letters as they stand; none in an installation from before there was such a thing: `topics check` tells."""
    try:
        found = await letters(bootstrap, topics)
    except TopicMissing:
        found = []
    return Standing(topics, registers or builtin(), found)


async def remark(
    bootstrap: str, topics: Topics, projection: str, key: str | None = None, registers: Registers | None = None
) -> str:
    """What to say of open letters that may touch a projection's row, or any of its rows; "" if there are none."""
    return doubt((await standing_in(bootstrap, topics, registers)).touching(projection, key))


def doubt(count: int) -> str:
    """What to say of so many."""
    return f"{plural(count, 'dead letter')} may be missing here: incidentlog dlq list" if count else ""
