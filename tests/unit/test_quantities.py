"""Words into numbers: the codebook's table, exactly, for every number."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quantities import LARGEST, quantity

NUMBERS = st.integers(0, LARGEST * 10 // 11)
WRITTEN = st.sampled_from(["{}", "{:,}"])


@pytest.mark.parametrize(
    ("phrase", "low", "best", "high", "qualifier"),
    [
        ("40", 40, 40, 40, "exact"),
        ("one", 1, 1, 1, "exact"),
        ("Twenty", 20, 20, 20, "exact"),
        ("about 600", 540, 600, 660, "about"),
        ("around 1,000", 900, 1000, 1100, "about"),
        ("some 180", 162, 180, 198, "about"),
        ("about 15", 14, 15, 16, "about"),
        ("nearly 40", 36, 40, 40, "nearly"),
        ("almost 7", 7, 7, 7, "nearly"),
        ("more than 1,000", 1000, 1000, None, "at_least"),
        ("over 1000", 1000, 1000, None, "at_least"),
        ("At least 30", 30, 30, None, "at_least"),
        ("up to 12", 0, None, 12, "up_to"),
        ("several", 3, None, 9, "several"),
        ("tens of", 10, None, 99, "tens"),
        ("dozens", 12, None, 99, "dozens"),
        ("hundreds of", 100, None, 999, "hundreds"),
        ("thousands", 1000, None, 9999, "thousands"),
        ("many", 2, None, None, "plural"),
        ("plural", 2, None, None, "plural"),
        ("unstated", 0, None, None, "unstated"),
        ("mentioned", 0, None, None, "unstated"),
    ],
)
def test_a_phrase_in_numbers(phrase: str, low: int, best: int | None, high: int | None, qualifier: str) -> None:
    read = quantity(phrase)
    assert (read.low, read.best, read.high, read.qualifier) == (low, best, high, qualifier)
    assert not read.prior_unknown


@pytest.mark.parametrize("phrase", ["24 further", "further 24", " Further  24 "])
def test_a_further_number_has_a_base_nobody_gave(phrase: str) -> None:
    read = quantity(phrase)
    assert (read.low, read.best, read.high, read.prior_unknown) == (24, 24, 24, True)
    assert read.stated == " ".join(phrase.split())


@given(NUMBERS, WRITTEN)
def test_about_is_a_tenth_either_way_exactly(n: int, written: str) -> None:
    read = quantity(f"about {written.format(n)}")
    assert (read.low, read.best, read.high) == (ceil(Fraction(9 * n, 10)), n, floor(Fraction(11 * n, 10)))


@given(NUMBERS, WRITTEN, st.sampled_from(["", "about ", "nearly ", "more than ", "up to ", "further "]))
def test_bounds_never_cross(n: int, written: str, word: str) -> None:
    read = quantity(word + written.format(n))
    bounds = [bound for bound in (read.low, read.best, read.high) if bound is not None]
    assert bounds == sorted(bounds)
    assert n in bounds


@given(st.text(alphabet="abdefhlmnorstuvwy 0123456789,.-", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = quantity(text)
    except InvalidValue as refusal:
        assert "this log reads" in refusal.problem or "largest" in refusal.problem  # noqa: PT017
    else:
        assert read.low >= 0


@pytest.mark.parametrize(
    "phrase",
    ["", "further", "a lot", "about", "about dozens", "1,00", "1.000", "-3", "12.5", "about about 3", "twenty one",
     "between 3 and 5", "٣", "six hundred", "aboutish 3", "3 about", "9" * 5000],
)  # fmt: skip
def test_other_phrases_are_refused_with_the_accepted_forms(phrase: str) -> None:
    with pytest.raises(InvalidValue, match=r"more than.*dozens.*further"):
        quantity(phrase)


def test_a_number_beyond_any_count_is_refused() -> None:
    assert quantity("1,000,000,000").best == LARGEST
    for phrase in ("1000000001", "about 1,000,000,000"):
        with pytest.raises(InvalidValue, match="largest"):
            quantity(phrase)
