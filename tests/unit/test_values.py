"""Days, moments, counts and truth values are taken as what they are; nothing is converted on the quiet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from incidentlog.schemas.values import Count, Day, Flag, Moment

NINE = datetime(2022, 9, 6, 9, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2022-09-06", date(2022, 9, 6)])
def test_a_day(value: Any) -> None:
    assert TypeAdapter(Day).validate_python(value) == date(2022, 9, 6)


@pytest.mark.parametrize(
    "value",
    [
        1662422400,
        1662422400.0,
        "1662422400",
        "2022-09-06T00:00:00",
        "2022-9-6",
        "2022-02-30",
        NINE,
        True,
        ["2022-09-06"],
    ],
)
def test_not_a_day(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(value)


@pytest.mark.parametrize("value", ["2022-09-06T09:00:00Z", "2022-09-06T16:00+07:00", NINE])
def test_a_moment_is_kept_in_utc(value: Any) -> None:
    moment = TypeAdapter(Moment).validate_python(value)
    assert (moment, moment.utcoffset()) == (NINE, NINE.utcoffset())


@pytest.mark.parametrize(
    "value", [1662454800, "1662454800", "2022-09-06", "2022-09-06T09:00:00", NINE.replace(tzinfo=None)]
)
def test_not_a_moment(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(value)


@pytest.mark.parametrize(
    ("type_", "value"), [(Count, "5"), (Count, True), (Count, -1), (Count, 1.5), (Flag, 1), (Flag, "yes")]
)
def test_numbers_and_truth_values_are_not_converted(type_: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(type_).validate_python(value)
