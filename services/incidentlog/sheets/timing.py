"""When a statement's number holds: from the sheet's words for days to a kind and a window."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from incidentlog.schemas import edtf
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import brief, shown
from incidentlog.schemas.registers import Measure
from incidentlog.schemas.values import Kind
from incidentlog.sheets.drafts import WHEN


class Timing(NamedTuple):
    """`kind` is None where the words leave it to the measure: something on a day or inside a window."""

    kind: Kind | None
    edtf: str
    start: date | None
    end: date

    @property
    def window(self) -> dict[str, Any]:
        """Content of the claim's window."""
        return {"edtf": self.edtf, "start": self.start, "end": self.end}


def stated(fields: dict[str, Any], occasion: date | None) -> Timing | None:
    """The timing that a statement's own words give; None if it has none. InvalidValue names the field to blame."""
    words = {name: str(fields[name]) for name in WHEN if name in fields}
    if not words:
        return None
    names = set(words)
    if names == {"since"}:
        if occasion is None:
            raise InvalidValue("since", "needs the as-of day; add until: 2022-09-21, or said_on")
        words["until"] = occasion.isoformat()
    elif len(names) > 1 and names != {"since", "until"}:
        raise InvalidValue(
            min(names), f"{' and '.join(sorted(names))} exclude each other; keep one, or since with until"
        )
    for name in ("on", "since", "until"):
        if "/" in words.get(name, ""):
            raise InvalidValue(
                name, f"{shown(words[name])} is a window; write during: {brief(words[name])}, or one day here"
            )
    if "until" in words:
        return _cumulative(words.get("since"), words["until"])
    return _inside("on" if "on" in words else "during", words)


def _cumulative(since: str | None, until: str) -> Timing:
    for name, text in (("until", until), ("since", since)):
        if text is not None:
            _read(name, text)
    return Timing("cumulative", *_read("since" if since else "until", f"{since or '..'}/{until}"))


def _inside(name: str, words: dict[str, str]) -> Timing:
    timing = Timing(None, *_read(name, words[name]))
    if timing.start is None:
        raise InvalidValue(
            name, f"{shown(words[name])} has no beginning; write until: {brief(words[name].removeprefix('../'))}"
        )
    return timing


def _read(name: str, text: str) -> tuple[str, date | None, date]:
    try:
        return (text, *edtf.days(text))
    except InvalidValue as error:
        raise InvalidValue(name, error.problem) from None


def undated(occasion: date, measure: Measure | None, *, further: bool) -> Timing:
    """The timing of a statement without any day: that of the utterance.

    A number then is the total so far, as of that day; "further" says that it is not, so it is of that day alone.
    """
    if measure is not None and "cumulative" in measure.kinds and not further:
        return Timing("cumulative", f"../{occasion}", None, occasion)
    return Timing(None, occasion.isoformat(), occasion, occasion)


def kind(timing: Timing, measure: Measure) -> Kind:
    """The kind of a count with this timing; InvalidValue (field `until` or `during`) if the measure has no such kind."""
    if timing.kind is not None:
        if timing.kind not in measure.kinds:
            raise InvalidValue("until", f"{measure.name} has no running total; write {_EXAMPLES[measure.kinds[0]]}")
        return timing.kind
    found = next((name for name in measure.kinds if name != "cumulative"), None)
    if found is None:
        raise InvalidValue("during", f"{measure.name} is a running total; write {_EXAMPLES['cumulative']}")
    if found == "stock" and timing.start != timing.end:
        raise InvalidValue("during", f"{measure.name} is counted on one day; write {_EXAMPLES['stock']}")
    return found


_EXAMPLES: dict[Kind, str] = {
    "increment": "during: 2022-08-18/2022-08-25",
    "cumulative": "until: 2022-09-21",
    "stock": "on: 2022-09-09",
    "planned": "on: 2022-08-22 or during: 2022-08-22/2022-08-31",
}
