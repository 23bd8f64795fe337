"""The codebook chapter says what the program does: made from it, complete, and current."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from incidentlog.projections import flags, treatments
from incidentlog.schemas import words
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.events import EVENT_TYPES
from incidentlog.schemas.numbers import best, high
from incidentlog.schemas.quantities import phrases, quantity
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.values import Kind, Qualifier
from support.tools import tool

TOOL = tool("codebook")
CHAPTER = (Path(__file__).parents[2] / "schemas/published/codebook.md").read_text()


def constants(module: object) -> set[str]:
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


def test_it_is_current() -> None:
    assert TOOL.codebook() == CHAPTER, "run `uv run python schemas/tools/codebook.py`"


def test_it_leaves_nothing_out() -> None:
    named = [
        *CountedClaim.model_fields,
        *get_args(Kind),
        *builtin().measures,
        *EVENT_TYPES,
        *words.FLAGS,
        *words.TITLES,
    ]
    assert [name for name in [*named, *constants(treatments)] if f"`{name}`" not in CHAPTER] == []
    assert constants(flags) <= words.FLAGS.keys()
    assert TOOL.TREATMENTS.keys() == constants(treatments)
    assert TOOL.KINDS.keys() == set(get_args(Kind))
    assert TOOL.FIELDS.keys() == CountedClaim.model_fields.keys()


def test_every_way_to_word_a_number_is_in_it() -> None:
    read = {phrase: quantity(phrase) for phrase in phrases(100)}
    assert {each.qualifier for each in read.values()} == set(get_args(Qualifier)) - {"outright"}
    for phrase, each in read.items():
        assert f"| {phrase} | {each.low} | {best(each.best)} | {high(each.high)} |" in CHAPTER


def test_no_mark_is_left() -> None:
    assert "<!--" not in CHAPTER
