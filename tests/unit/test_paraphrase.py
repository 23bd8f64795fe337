"""What a paraphrase may not hold. The names below are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.schemas.paraphrase import LONGEST, problems
from incidentlog.schemas.registers import builtin


@pytest.mark.parametrize(
    "text",
    [
        "About 600 rescued, as the foreign ministry says",
        "Raids in Phnom Penh and Preah Sihanouk since early September; 1,000,000 riel seized",
        "Over 1,000 Vietnamese rescued from 2022-09-01 to 2022-09-21",
        "The Ministry of Interior, cited by Khmer Times, counts 368 requests. Of these 180 were looked into",
        "An Giang police helped 40 people; COVID tests were negative",
        "Cambodia's police, Malaysians and Filipinos",
        "24 further Malaysians, via AP",
        "Half-years 2021/2022 and 2022-2023",
        "",
    ],
)  # fmt: skip
def test_offices_places_dates_and_numbers_pass(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("write to help.desk@example.invalid", "e-mail"),
        ("on Telegram as @somebody", "account name"),
        ("see https://example.invalid/x", "address on the web"),
        ("see example.com", "address on the web"),
        ("at 11.5564, 104.9282", "coordinates"),
        ("at 11° 33' N", "coordinates"),
        ("call +855 (12) 34-56-78", "telephone"),
        ("passport 12345678", "telephone"),
        ("call ០១២៣៤៥៦៧", "telephone"),
        ("a girl aged 16", "exact age"),
        ("a 16-year-old", "exact age"),
        ("rescued Karan Belov on Monday", "Karan, Belov"),
        ("Karan Belov was rescued", "Karan, Belov"),
        ("the manager, Belov, was held", "Belov"),
        ("Mr. Thai was held", "name a person"),
        ("Oknha Belov was held", "name a person"),
        ("K. Belov was held", "name a person"),
        ("raid on the Golden Gryphon casino", "Golden, Gryphon"),
        ("x" * (LONGEST + 1), "281 characters"),
    ],
)
def test_what_identifies_is_named(text: str, what: str) -> None:
    assert what in " ".join(problems(text))


def test_an_office_of_ones_own_may_be_named() -> None:
    text = "as the Safe Harbour shelter says"
    assert problems(text)
    own = builtin().extended({"authorities": [{"id": "SAFE-HARBOUR", "standing": "ngo", "label": "Safe Harbour"}]})
    assert problems(text, own) == []


@given(st.text(max_size=400))
def test_any_text_is_judged(text: str) -> None:
    assert any("at most" in problem for problem in problems(text)) == (len(text) > LONGEST)
