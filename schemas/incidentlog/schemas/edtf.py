"""Uncertain dates: the part of EDTF (ISO 8601-2, level 1) that claims use, as explicit days.

A side is a year, a month, a day or a day not known within its month (`2022-09-XX`); `~`, `?` and `%` may follow it and
are kept as words of doubt, they do not widen it. A window is one side, `A/B`, or `../B` for "from the beginning".
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time
from functools import lru_cache

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import brief, shown

_SIDE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}|XX))?)?[~?%]?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_EXAMPLES = "2022-09-06, 2022-09, 2022, 2022-09-XX, 2022-09-01~/2022-09-21 or ../2022-09-21"


def days(text: str) -> tuple[date | None, date]:
    """Earliest and latest day of EDTF `text`, both included; no earliest day for `../B`. InvalidValue otherwise."""
    start, slash, end = text.partition("/")
    if not slash:
        return _side(start, text)
    if end in ("..", ""):
        raise InvalidValue(
            "edtf",
            f"{shown(text)} has no end; write the last day the source speaks for, such as {brief(start) or '..'}/2022-09-21",
        )
    if not start:
        raise InvalidValue("edtf", f"{shown(text)} has an empty start; write ../{brief(end)} for 'from the beginning'")
    latest = _side(end, text)[1]
    earliest = None if start == ".." else _side(start, text)[0]
    if earliest is not None and latest < earliest:
        raise InvalidValue("edtf", f"{shown(text)} ends before it starts; write the earlier side first")
    return earliest, latest


@lru_cache(maxsize=4096)
def last_moment(text: str) -> str:
    """The last moment `text` covers, as RFC 3339 in UTC with six decimals: text order is time order.

    `text` is EDTF (its last day ends at 23:59:59.999999Z) or a full timestamp with an offset.
    """
    if "T" not in text:
        moment = datetime.combine(days(text)[1], time.max, UTC)
    elif _MOMENT.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise InvalidValue("time", f"{shown(text)} is not a moment: {error}") from None
    else:
        raise InvalidValue(
            "time", f"{shown(text)} is not a full timestamp; write it with its offset, such as 2022-08-25T17:41+07:00"
        )
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _side(side: str, text: str) -> tuple[date, date]:
    match = _SIDE.fullmatch(side)
    if match is None:
        raise InvalidValue("edtf", f"{shown(text)} is not a date this log reads; write one like {_EXAMPLES}")
    year, month = int(match["year"]), int(match["month"] or 0)
    try:
        if match["month"] is None:
            return date(year, 1, 1), date(year, 12, 31)
        if match["day"] in (None, "XX"):
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        day = date(year, month, int(match["day"]))
    except ValueError:
        raise InvalidValue("edtf", f"{shown(text)} is not in the calendar; check {shown(side)}") from None
    return day, day
