"""Uncertain dates become the days they cover; an independent EDTF library agrees wherever it has an answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.schemas.edtf import days, last_moment
from incidentlog.schemas.errors import InvalidValue

DATES = st.dates(min_value=date(1000, 1, 1), max_value=date(9998, 12, 31))
NAIVE = st.datetimes(datetime.fromisoformat("0002-01-01"), datetime.fromisoformat("9998-01-01"))
QUALIFIERS = st.sampled_from(["", "~", "?", "%"])


@st.composite
def plain_sides(draw: st.DrawFn) -> str:
    """A day, month or year, with or without a doubt: what the library reads inside an interval."""
    day = draw(DATES)
    return draw(st.sampled_from([f"{day}", f"{day:%Y-%m}", f"{day:%Y}"])) + draw(QUALIFIERS)


def sides() -> st.SearchStrategy[str]:
    return plain_sides() | st.builds("{:%Y-%m}-XX{}".format, DATES, QUALIFIERS)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2022-09-06", date(2022, 9, 6), date(2022, 9, 6)),
        ("2022-09", date(2022, 9, 1), date(2022, 9, 30)),
        ("2024-02-XX", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("2022-09-01~/2022-09-21", date(2022, 9, 1), date(2022, 9, 21)),
        ("2022-01/2022-06", date(2022, 1, 1), date(2022, 6, 30)),
        ("../2022-09-21", None, date(2022, 9, 21)),
        ("../2022-09?", None, date(2022, 9, 30)),
        ("2022-09-10/2022-09", date(2022, 9, 10), date(2022, 9, 30)),
    ],
)
def test_a_text_covers_its_days(text: str, earliest: date | None, latest: date) -> None:
    assert days(text) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("2022-09-01/..", "2022-09-01/2022-09-21"),
        ("2022-09-01/", "has no end"),
        ("/2022-09-01", r"write \.\./2022-09-01"),
        ("../..", "has no end"),
        ("/", "has no end"),
        ("2022-09-21/2022-09-01", "earlier side first"),
        ("2022-02-30", "not in the calendar"),
        ("2022-13", "not in the calendar"),
        ("2022-00", "not in the calendar"),
        ("0000", "not in the calendar"),
        ("21 September 2022", "write one like"),
        ("2022-9-1", "write one like"),
        ("2022-09-01~~", "write one like"),
        ("2022-09-01\n", "write one like"),
        ("٢٠٢٢-09-01", "write one like"),
        ("2022-XX-01", "write one like"),
        ("2022-01-01/2022-02-01/2022-03-01", "write one like"),
        ("..", "write one like"),
        ("", "write one like"),
    ],
)
def test_other_texts_are_refused_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(InvalidValue, match=advice):
        days(text)


@given(sides())
def test_one_side_agrees_with_the_edtf_library(side: str) -> None:
    oracle = parse_edtf(side)
    assert days(side) == (date(*oracle.lower_strict()[:3]), date(*oracle.upper_strict()[:3]))


@given(plain_sides(), plain_sides())
def test_an_interval_agrees_with_the_edtf_library(first: str, second: str) -> None:
    start, end = sorted((first, second), key=lambda side: days(side)[0] or date.min)
    oracle = parse_edtf(f"{start}/{end}")
    assert days(f"{start}/{end}") == (date(*oracle.lower_strict()[:3]), date(*oracle.upper_strict()[:3]))


@given(sides(), QUALIFIERS)
def test_a_qualifier_never_widens(side: str, qualifier: str) -> None:
    bare = side.rstrip("~?%")
    assert days(bare + qualifier) == days(bare)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-08-25T17:41+07:00", "2022-08-25T10:41:00.000000Z"),
        ("2022-08-25T10:41:07Z", "2022-08-25T10:41:07.000000Z"),
        ("2022-08-25T10:41:07.1234567-00:30", "2022-08-25T11:11:07.123456Z"),
        ("2022-09-06", "2022-09-06T23:59:59.999999Z"),
        ("2022-09-06/2022-09-07", "2022-09-07T23:59:59.999999Z"),
        ("2022-09~", "2022-09-30T23:59:59.999999Z"),
    ],
)
def test_the_last_moment_of_a_publication(text: str, moment: str) -> None:
    assert last_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2022-08-25T17:41",
        "2022-08-25T23:61Z",
        "2022-08-25T24:00Z",
        "0001-01-01T00:00+14:00",
        "2022-08-25 17:41Z",
        "2022-08-25T17Z",
        "T",
    ],
)
def test_a_moment_needs_its_offset_and_a_real_time(text: str) -> None:
    with pytest.raises(InvalidValue):
        last_moment(text)


@given(NAIVE, NAIVE, st.integers(-14 * 60, 14 * 60))
def test_moments_sort_as_text_like_they_sort_in_time(one: datetime, other: datetime, minutes: int) -> None:
    shift = timedelta(minutes=minutes)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    local = f"{(one + shift).isoformat()}{sign}{hours:02}:{rest:02}"
    assert (last_moment(local) < last_moment(f"{other.isoformat()}Z")) == (one < other)
    assert datetime.fromisoformat(last_moment(local)) == one.replace(tzinfo=UTC)
