"""What cells share while it is empty never gets anything of one of them."""

from __future__ import annotations

import pytest

from incidentlog.projections.cell import CellFold
from incidentlog.projections.claim_set import SILENCE
from incidentlog.projections.nothing import NOTHING
from incidentlog.schemas.cells import Cell
from support.fold_cases import claim, exact, retraction

CELL = Cell("rescued", "VNM", "KHM")


def test_nothing_can_be_put_into_nothing() -> None:
    with pytest.raises(TypeError, match="'VNM' must not go into a dictionary that others share"):
        NOTHING["VNM"] = 1
    with pytest.raises(TypeError, match="'VNM'"):
        NOTHING.setdefault("VNM", 1)
    assert not NOTHING


def test_nothing_can_be_said_in_silence() -> None:
    with pytest.raises(TypeError, match="'R1' must not go"):
        SILENCE.add(retraction("R1", "U1"))
    assert not list(SILENCE.of("U1", ""))


def test_a_cell_with_everything_leaves_another_alone() -> None:
    full, other = (CellFold(CELL, host_first=False) for _ in range(2))
    told = claim("U1", exact(3), "09-01", "VN-MOFA", part_of="U0", place="KH-18")
    for statement in (
        told,
        told._replace(digest="other"),
        retraction("R1", "U2"),
        claim("U2", exact(5), "09-02/09-03", "VN-MOFA"),
        claim("U3", exact(7), "09-05", "VN-MOFA", kind="stock"),
    ):
        full.add(statement)
        full.estimate()
    assert full.scopes == ["", "KH-18"]
    assert other.estimate() is None
    assert other.scopes == []
    assert other.foreign_parts() == 0
    assert not other.contested("U1")
    assert not NOTHING
    assert not SILENCE.by_id
    assert not SILENCE.about
