"""Beside a number: how many dead letters wait that it might lack."""

from __future__ import annotations

from incidentlog.client import TopicMissing
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.quarantine import Wanted, letters
from incidentlog.quarantine.touching import ALL, may_touch
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.topics import OFFICIAL_ACTIONS, Topics


async def remark(
    bootstrap: str, topics: Topics, projection: str, key: str = ALL, registers: Registers | None = None
) -> str:
    """What to say of open letters that may touch a projection's row, or any of its rows; "" if there are none."""
    if projection == OFFICIAL_ACTIONS:
        return ""
    try:
        waiting = await letters(bootstrap, topics, Wanted())
    except TopicMissing:  # an installation from before there was such a thing: `topics check` tells
        return ""
    known, measures = registers or builtin(), PROJECTIONS[projection].measures
    found = sum(may_touch(each, measures, key, topics, known) for each in waiting)
    return f"{plural(found, 'dead letter')} may be missing here: incidentlog dlq list" if found else ""
