"""Numbers, names and ages as a newsroom would say them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Protocol

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.schemas import iso, words
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.numbers import NOT_QUANTIFIED, Bounded
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.rows import ESTIMATES

DASH = NOT_QUANTIFIED
UNSPECIFIED = "XXX"
#: A day or a month in EDTF, and its mark of doubt.
_DATE = re.compile(r"\b(\d{4}-\d\d(?:-\d\d)?)\b(?![-\d])([~?%]?)")
_MARKS = {"~": "about ", "?": "perhaps ", "%": "perhaps about "}
_STEPS = ((60, "minute"), (3600, "hour"), (86400, "day"))


class Keyed(Protocol):
    """What has a place among the rows."""

    @property
    def projection(self) -> str: ...
    @property
    def key(self) -> str: ...


def digits(number: int | None, missing: str = DASH) -> str:
    """`1,000`."""
    return missing if number is None else f"{number:,}"


def span(of: Bounded) -> str:
    """`1,000 or more`, a range, `94`, `up to 6`, `no number given`."""
    if of.high is None:
        return f"{of.low:,} or more" if of.low else "no number given"
    if of.low == of.high:
        return f"{of.low:,}"
    return f"{of.low:,}{DASH}{of.high:,}" if of.low else f"up to {of.high:,}"


def headline(of: Bounded) -> str:
    """As `span`, but `at least 1,000`."""
    return f"at least {of.low:,}" if of.high is None and of.low else span(of)


def sentence(of: Bounded, counted: str) -> str:
    """`At least 1,000 people rescued; the best account says 1,000; nothing said so far limits how many more.`"""
    if of.low == of.high:
        return f"{of.low:,} {counted}; nothing that counts says otherwise."
    if of.best is None and not of.low:
        if of.high is None:
            return f"There are reports of {counted}, but none gives a number that can be counted."
        return f"At most {of.high:,} {counted}; none of them is certain yet."
    best = "" if of.best is None else f"; the best account says {of.best:,}"
    if of.high is None:
        return f"At least {of.low:,} {counted}{best}; nothing said so far limits how many more."
    return f"Between {of.low:,} and {of.high:,} {counted}{best}."


def counted(row: Keyed, registers: Registers) -> str:
    """What is counted in a row: `people rescued`, `sites raided or shut`."""
    known = PROJECTIONS.get(row.projection)
    names = {row.key.split("/")[0]} if row.projection == ESTIMATES else set(known.measures if known else ())
    found = [registers.measures[name] for name in sorted(names) if name in registers.measures]
    if not found:
        return "in all"
    return " or ".join(f"people {each.label}" if each.unit == "person" else each.label for each in found)


def name(row: Keyed, registers: Registers) -> str:
    """What a row is about: `Vietnam`; of an estimate `Rescued: Vietnam, in Cambodia`."""
    if row.projection == ESTIMATES:
        return cell(row.key, registers)
    return capital(words.label(row.key) or row.key)


def cell(key: str, registers: Registers) -> str:
    """A cell, or a subdivision of one, in words."""
    return f"{counted_of(key, registers)}, in {place(key.rpartition('/')[2])}"


def counted_of(key: str, registers: Registers) -> str:
    """A cell in words without its place: `Rescued: Vietnam`."""
    name, nationality, *_ = key.split("/")
    people = "nationality unspecified" if nationality == UNSPECIFIED else place(nationality)
    return f"{measure(name, registers)}: {people}"


def measure(name: str, registers: Registers) -> str:
    """A measure as a heading: `Rescued`."""
    known = registers.measures.get(name)
    return capital(known.label if known else words.flag(name))


def place(code: str) -> str:
    """A country, nationality or subdivision by name, the code itself where there is none."""
    try:
        return iso.label(code).replace(" (host excluded)", "")
    except InvalidValue:
        return code


def office(name: str, registers: Registers) -> str:
    """An office by the name it is shown under."""
    known = registers.authorities.get(name)
    return known.label if known else name


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def day(text: str | None) -> str:
    """`21 Sep 2022` of an ISO day or moment, `Sep 2022` of a month."""
    if not text:
        return "no date"
    if len(text) == len("2022-09"):
        return date.fromisoformat(f"{text}-01").strftime("%b %Y")
    return date.fromisoformat(text[:10]).strftime("%-d %b %Y")


def readable(text: str) -> str:
    """Days in words with their dates as people write them: `from about 1 Sep 2022 to 21 Sep 2022`."""
    return _DATE.sub(lambda found: _MARKS.get(found[2], "") + _dated(found[1]), text)


def _dated(text: str) -> str:
    try:
        return day(text)
    except ValueError:
        return text


def clock(moment: str | None, *, seconds: bool = False) -> str:
    """`23 Nov 2026, 14:02 UTC`, or with its seconds."""
    length = len("2026-11-23T14:02:59" if seconds else "2026-11-23T14:02")
    return f"{day(moment)}, {moment[11:length]} UTC" if moment and len(moment) >= length else day(moment)


def ago(seconds: float | None) -> str:
    """`just now`, `5 minutes ago`, `3 days ago`."""
    if seconds is None:
        return ""
    told = "just now"
    for length, unit in _STEPS:
        if seconds >= length:
            told = f"{plural(int(seconds // length), unit)} ago"
    return told


def days_ago(days: int | None) -> str:
    """`today`, `1 day ago`, `1,523 days ago`."""
    if days is None:
        return ""
    return f"{plural(days, 'day')} ago" if days > 0 else "today"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 claim`, `1,523 days`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def now() -> str:
    """The moment at which a page is made, for its reader to see: RFC 3339, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
