"""How numbers, flags and tables read."""

from __future__ import annotations

import io
from dataclasses import fields

import pytest
from rich.console import Console

from incidentlog.cli.tables import RowTable, ordered, spaced
from incidentlog.projections import flags
from incidentlog.schemas import words
from incidentlog.schemas.numbers import best, bounds, count, high, plural
from incidentlog.schemas.rows import ActionRow, EstimateRow, RollupRow
from incidentlog.schemas.topics import PROJECTIONS

RESCUED = "rescued-by-nationality"


def rollup(
    key: str, low: int, best: int | None, high: int | None, *raised: str, projection: str = RESCUED
) -> RollupRow:
    return RollupRow(projection, key, low, best, high, "2022-09-21", raised, ())


def action(day: int) -> ActionRow:
    told = dict.fromkeys(field.name for field in fields(ActionRow)) | {
        "projection": "official-actions", "key": str(day), "type": "TaskForceEstablished", "ref": f"S-{day}",
        "authority": "VN-MOFA", "relayed_by": "VNA", "places": ("VNM",), "end": f"2022-09-0{day}", "edtf": f"2022-09-0{day}",
    }  # fmt: skip
    return ActionRow(**told)  # type: ignore[arg-type]


def text_of(projection: str, *rows: RollupRow | EstimateRow | ActionRow, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(RowTable(projection, rows))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (1000, "1000"), (10_000, "10,000"), (1_234_567, "1,234,567")])
def test_numbers_are_grouped_from_five_digits_on(number: int, text: str) -> None:
    assert count(number) == best(number) == high(number) == text


def test_missing_bounds_have_signs_of_their_own() -> None:
    assert bounds(rollup("CHN", 0, None, 37)) == "0 / \N{EN DASH} / 37"
    assert bounds(rollup("VNM", 1000, 1000, None)) == "1000 / 1000 / open"


def test_plurals() -> None:
    assert [plural(n, "claim") for n in (0, 1, 2)] == ["0 claims", "1 claim", "2 claims"]
    assert plural(2, "day of birth", "days of birth") == "2 days of birth"


def test_nationalities_stand_largest_first_and_all_together_last() -> None:
    rows = [rollup("*", 1024, 1024, None), rollup("TWN", 0, None, 2), rollup("CHN", 0, None, 37),
            rollup("MYS", 24, 24, None), rollup("VNM", 1000, 1000, None), rollup("IND", 0, None, None)]  # fmt: skip
    assert [row.key for row in ordered(RESCUED, rows)] == ["VNM", "MYS", "IND", "CHN", "TWN", "*"]


def test_subdivisions_stand_below_their_country() -> None:
    keys = ["KH-18", "THA", "KHM", "KH-12", "TH-11", "*"]
    rows = [rollup(key, 1, 1, 1, projection="arrests-by-place") for key in keys]
    assert [row.key for row in ordered("arrests-by-place", rows)] == ["KHM", "KH-12", "KH-18", "THA", "TH-11", "*"]


def test_every_flag_of_the_folds_is_explained() -> None:
    raised = {value for name, value in vars(flags).items() if name.isupper() and isinstance(value, str)}
    assert raised
    assert raised | {"over_attributed", "residual"} <= set(words.FLAGS)


def test_every_projection_has_a_title() -> None:
    assert set(words.TITLES) == set(PROJECTIONS)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_numbers_are_never_cut(width: int) -> None:
    lines = text_of(RESCUED, rollup("VNM", 1_000_000, 1_000_000, None, *sorted(words.FLAGS)), width=width)
    assert max(map(len, lines)) <= width
    assert "1,000,000" in "\n".join(lines)
    assert "open" in "\n".join(lines)


def test_a_row_reads_as_one_line_where_there_is_room() -> None:
    lines = text_of(RESCUED, rollup("VNM", 1000, 1000, None, "best_raised"))
    row = next(line for line in lines if line.startswith("VNM"))
    assert row.split() == ["VNM", "Vietnam", "1000", "1000", "open", "2022-09-21", "best", "raised"]


def test_estimates_show_their_cell() -> None:
    row = EstimateRow("estimates", "arrested/XXX/KHM/KH-12", 1, 1, 1, None, (), ("S1-11",), 1, 1, 0, 1)
    assert any("arrested/XXX/KHM/KH-12" in line for line in text_of("estimates", row))


def test_official_actions_are_a_timeline() -> None:
    first, second = (action(1), action(2))
    lines = "\n".join(text_of("official-actions", second, first))
    assert lines.index("S-1") < lines.index("S-2")
    assert "task force established" in lines
    assert "VN-MOFA via VNA" in lines


def test_type_names_are_spaced() -> None:
    assert spaced("HotlineOpened") == "hotline opened"
