"""Targets: short texts that people write, in sheets, in calls and in headers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fuzz.target import Target, Violated, bounded, refusals, same
from incidentlog.gateway import formats, positions
from incidentlog.gateway.marks import Mark
from incidentlog.schemas import cells, edtf, iso, paraphrase, reviewers
from incidentlog.schemas.quantities import LARGEST, phrases, quantity
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import locate
from incidentlog.sheets.shape import shown


def _text(data: bytes) -> str:
    """The bytes as text: half characters, too, which come in by surrogate escapes."""
    return data.decode(errors="surrogateescape")


def read_days(data: bytes) -> None:
    """Days in order, both in the calendar; the last moment sorts as text as it does in time."""
    text = _text(data)
    with refusals():
        first, last = edtf.days(text)
        if first is not None and first > last:
            raise Violated(f"{first} to {last}")
        same(edtf.days(f"{first or '..'}/{last}"), (first, last), "the same days, written out")
    with refusals():
        moment = edtf.last_moment(text)
        found = datetime.fromisoformat(moment)
        if found.tzinfo != UTC or len(moment) != 27:
            raise Violated(moment)
        same(edtf.last_moment(moment), moment, "the last moment of a moment")


def read_quantity(data: bytes) -> None:
    """Whole numbers that rise, none beyond the largest count; what it keeps as stated reads the same."""
    with refusals():
        read = quantity(_text(data))
        bounds = [each for each in (read.low, read.best, read.high) if each is not None]
        if bounds != sorted(bounds) or not bounds[0] >= 0 or bounds[-1] > 11 * LARGEST // 10:
            raise Violated(f"{bounds}")
        same(quantity(read.stated), read, "the same phrase, as stated")


def read_words(data: bytes) -> None:
    """Names and codes: what is not known is refused, and quoted only in part."""
    text, registers = _text(data), builtin()
    for ask in (
        registers.nationality,
        registers.authority,
        registers.measure,
        cells.Cell.parse,
        iso.country_of,
        iso.label,
    ):
        with refusals():
            ask(text)
    bounded(reviewers.problem(text))
    for problem in paraphrase.problems(text):
        bounded(problem)
    bounded(shown(text))
    half = len(text) // 2
    with refusals(UnicodeEncodeError):
        _, places = locate(text, text[half : half + 40])
        if not places and text[half : half + 40].strip() and text.isascii():
            raise Violated("a text does not hold its own words")


def read_asked(data: bytes) -> None:
    """What a reader asks for in an address or a header: marks, positions, formats."""
    text = _text(data)
    mark = Mark.parse(text)
    if mark is not None:
        same(Mark.parse(str(mark)), mark, "a mark")
    with refusals():
        formats.wanted(None, text)
    with refusals():
        positions.parse(text)


def _lines(*texts: str) -> list[bytes]:
    return [text.encode() for text in texts]


def day_seeds() -> list[bytes]:
    """Every form."""
    return _lines("2022-09-06", "2022-09", "2022", "2022-09-XX", "2022-09-01~/2022-09-21", "../2022-09-21", "2022?/2023%",
                  "2022-08-25T17:41+07:00", "2022-08-25T10:41:07.123456Z")  # fmt: skip


def word_seeds() -> Sequence[bytes]:
    """Words of each register, codes, and paraphrases."""
    return _lines("Vietnamese", "vietnamese workers", "VN-MOFA", "rescued", "rescued/VNM/KHM", "KH-12", "EDITOR-2",
                  "About 600 rescued, as the foreign ministry says", "K. Belov, aged 16, +855 12 345 678")  # fmt: skip


def asked_seeds() -> Sequence[bytes]:
    """Honest ones."""
    return _lines("v1.12-5-7-9.0~5f3a09c1-42", "!5f3a09c1-1", "text/csv;q=0.5, application/*;q=0.1, */*",
                  "incidentlog.rescue-reported:3:1204")  # fmt: skip


TARGETS = (
    Target("days", read_days, day_seeds, (b"/", b"..", b"-XX", b"~", b"T23:59:59", b"+14:00", b"\xd9\xa3")),
    Target("quantity", read_quantity, lambda: _lines(*phrases(1_200), "24 further", "1,000,000,000"),
           (b"further", b"about", b"1,000", b"999999999999", b"\xc2\xa0", "½".encode(), "٣".encode())),
    Target("words", read_words, word_seeds, (b" nationals", b"@", b"-", b"https://", "°".encode(), b"\xed\xa0\x80")),
    Target("asked", read_asked, asked_seeds, (b"-9", b";q=nan", b";q=1e999", b",", b"~", b"!")),
)  # fmt: skip
