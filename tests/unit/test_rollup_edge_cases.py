"""The codebook's edge cases that several cells take part in (E7, E10, E14), each in 200 orders with duplicates."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from incidentlog.projections.project import project
from incidentlog.projections.projection import Filed
from incidentlog.schemas.about import ClaimCorrected
from incidentlog.schemas.rows import RollupRow
from support.examples import example
from support.rollup_cases import claim, retraction

ORDERS = 200
MYS_HOSTS = {"KHM": 65, "LAO": 10, "THA": 10, "MMR": 2}
#: A mission's total with its published breakdown, stateless people and Taiwan by themselves: 17 more than the total.
PARTS = {"XXA": 9, "TWN": 25, "CHN": 4860, "VNM": 572, "IND": 1692}

Numbers = tuple[int, int | None, int | None]


def orders(statements: list[Filed]) -> list[list[Filed]]:
    rng = random.Random(7)
    return [rng.sample(statements * 2, len(statements) * 2) for _ in range(ORDERS)]


def rescued(statements: list[Filed]) -> dict[str, tuple[Numbers, tuple[str, ...]]]:
    rows = [row for row in project(statements) if row.projection == "rescued-by-nationality"]
    return {row.key: ((row.low, row.best, row.high), row.flags) for row in rows if isinstance(row, RollupRow)}


def test_e7_parts_that_sum_to_more_than_their_total() -> None:
    statements = [
        claim("rescued/QMF/MMR", "total", 7141),
        *(claim(f"rescued/{n}/MMR", n, count, part_of="total") for n, count in PARTS.items()),
    ]
    assert sum(PARTS.values()) == 7158
    for order in orders(statements):
        rows = rescued(order)
        assert rows["*"] == ((7141, 7141, 7158), ("over_attributed",))
        assert rows["TWN"][0] == (25, 25, 25), "parts are never rescaled"
        assert "XXX" not in rows


def test_e10_one_list_over_four_hosts() -> None:
    statements = [claim(f"rescued/MYS/{host}", host, n) for host, n in MYS_HOSTS.items()]
    for order in orders(statements):
        assert rescued(order) == {"MYS": ((87, 87, 87), ()), "*": ((87, 87, 87), ())}


def test_e14_a_correction_may_not_move_a_claim() -> None:
    claimed = example("RescueReported").data
    content = claimed.model_dump(mode="json", exclude_defaults=True)
    content["population"] = {"nationality": "THA"}
    about = {
        "target": {"type": "RescueReported", "cell": str(claimed.cell), "id": "0" * 32},
        "decided": datetime(2022, 10, 1, tzinfo=UTC).isoformat(),
        "published": {"edtf": "2022-10-01"},
        "content": content,
    }
    with pytest.raises(
        ValidationError, match=r"cell_changed: a correction may not move a claim from .* to rescued/THA/"
    ):
        ClaimCorrected.model_validate(about)


def test_e14_a_retraction_and_a_new_claim_move_it() -> None:
    wrong = claim("rescued/CHN/KHM", "A", 40)
    statements = [wrong, retraction(wrong, "R"), claim("rescued/TWN/KHM", "A.2", 40)]
    for order in orders(statements):
        rows = rescued(order)
        assert rows["TWN"][0] == rows["*"][0] == (40, 40, 40)
        assert rows["CHN"] == ((0, None, 0), ("withdrawn",))
