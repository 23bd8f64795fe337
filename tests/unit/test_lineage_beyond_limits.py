"""What is outside the limits is told alike, whatever else was heard of its id before."""

from __future__ import annotations

from itertools import permutations

from incidentlog.projections.cell import CellFold
from incidentlog.projections.treatments import OUTSIDE
from incidentlog.schemas.cells import Cell
from support.fold_cases import RECORDED, claim, exact, retraction

EARLIER = "2022-09-01T00:00:00.000000Z"


def test_a_province_without_a_row_tells_of_its_claim_in_every_order() -> None:
    late = claim("S1", exact(3), "09-08", "KH-12", place="KH-12", recorded=RECORDED)
    for known in (EARLIER, "2022-09-15T00:00:00.000000Z"):
        # An id that was a claim's, until a copy with other content and an earlier time made it a retraction's.
        other = claim("S2", exact(5), "09-09", "KH-12", place="KH-12", recorded="2022-09-02T00:00:00.000000Z")
        for order in permutations([late, other, retraction("S2", "S9", EARLIER)]):
            fold = CellFold(Cell("rescued", "VNM", "KHM"), host_first=False, known=known)
            for statement in order:
                fold.add(statement)
            assert fold.estimate("KH-12") is None
            assert [(told.id, told.treatment) for told in fold.lineage("KH-12")] == [("S1", (OUTSIDE,))]
