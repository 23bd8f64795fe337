"""Lineage: why it is 1000 and not 2100, claim by claim."""

from __future__ import annotations

from incidentlog.projections.cell import CellFold
from incidentlog.projections.estimate import Treatment
from incidentlog.schemas.statements import POSSIBLE, Statement
from support.all_cases import CASES
from support.fold_cases import KNOWN_LATE, about, claim, correction, day, exact, retraction


def lineage(name: str) -> dict[str, Treatment]:
    """The lineage of a known case, by claim."""
    case = next(case for case in CASES if case.name == name)
    fold = CellFold(case.parsed, host_first=case.host_first, until=case.until, known=case.known)
    for statement in case.statements:
        fold.add(statement)
    return {treatment.id: treatment for treatment in fold.lineage(case.scope)}


def of(
    *statements: Statement, until: int = 0, known: str = "", scope: str = ""
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Words and causes by claim."""
    case = next(case for case in CASES if case.name == "VNM")
    fold = CellFold(case.parsed, host_first=False, until=until, known=known)
    for statement in statements:
        fold.add(statement)
    return {treatment.id: treatment[2:4] for treatment in fold.lineage(scope)}


def test_why_it_is_a_thousand() -> None:
    found = lineage("VNM")
    assert list(found) == ["S1-03", "S0-07", "S2-02", "S2-03", "S2-05", "S3-12r"]
    counted = ("counted_in_low", "counted_in_best", "raises_high")
    assert {name: treatment[2:4] for name, treatment in found.items()} == {
        "S1-03": (("absorbed_by",), ("S2-02",)),
        "S0-07": (("absorbed_by",), ("S2-02",)),
        "S2-02": (counted, ()),
        "S2-03": (("same_statement_as", *counted), ("S2-02",)),
        "S2-05": (("part_of",), ("S2-03",)),
        "S3-12r": (("raises_high",), ()),
    }
    assert [treatment.reason for treatment in found.values()] == [
        "Is not added to low or best, since its window overlaps that of S2-02.",
        "Is not added to low or best, since its window overlaps that of S2-02.",
        "Adds 1000 to low and best; leaves high open.",
        "Says the same as S2-02; adds 1000 to low and best; leaves high open.",
        "Is part of S2-03, and not counted beside it.",
        "Adds 38 to high.",
    ]


def test_where_low_lifts_best_the_lows_are_counted_in_best() -> None:
    found = lineage("VNM without the thousand")
    assert found["S1-03"].treatment == ("counted_in_low", "counted_in_best")
    assert found["S2-05"].treatment == ("counted_in_low", "counted_in_best", "raises_high")
    assert found["S0-07"][2:4] == (("absorbed_by", "raises_high"), ("S1-03", "S2-05"))
    assert found["S2-03"] == Treatment("S2-03", "S2-03", ("outside",), ("R1",), "Was retracted by R1.")


def test_revised_down() -> None:
    found = lineage("E8 a lower total without notice")
    assert found["C1"][2:4] == (("revised_down_by", "raises_high"), ("C2",))
    assert found["C2"].treatment == ("counted_in_low", "counted_in_best")


def test_stocks() -> None:
    assert lineage("E9 stocks")["C1"][2:4] == (("superseded_by",), ("C2",))
    assert lineage("others raise high")["C2"][2:4] == (("raises_high",), ())


def test_outside() -> None:
    old = claim("C1", exact(5), "09-01", "VN-MOFA")
    new = claim("C2", exact(6), "09-20", "VN-MOFA")
    assert of(old, new, until=day("09-10"))["C2"] == (("outside",), ())
    unheard = claim("C3", exact(6), "09-02", "VN-MOFA", recorded=KNOWN_LATE)
    assert of(old, unheard, known="2022-11-01T00:00:00.000000Z")["C3"] == (("outside",), ())
    undone = (retraction("R1", "C1"), retraction("R2", "R1"))
    assert of(old, *undone)["C1"] == (("counted_in_low", "counted_in_best", "raises_high"), ())


def test_a_claim_moved_out_of_a_subdivision() -> None:
    there = claim("C1", exact(5), "09-01", "VN-MOFA", place="KH-12")
    moved = correction("D1", claim("C1", exact(5), "09-01", "VN-MOFA", place="KH-18"))
    assert of(there, moved, scope="KH-12") == {"C1": (("outside",), ("D1",))}
    assert of(there, moved, scope="KH-18") == {"C1": (("counted_in_low", "counted_in_best", "raises_high"), ())}


def test_a_later_total_holds_what_is_not_firm() -> None:
    found = of(claim("C1", exact(9), "09-01", "VN-MOFA", grade=POSSIBLE), claim("C2", about(50), "../09-10", "VN-MOFA"))
    assert found["C1"] == (("absorbed_by",), ("C2",))
