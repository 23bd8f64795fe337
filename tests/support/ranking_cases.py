"""Whose number is best, how far high reaches, and stocks: each rule once."""

from __future__ import annotations

from itertools import pairwise

from incidentlog.schemas.statements import FIRM, OPEN, POSSIBLE, PROBABLE, Statement
from support.edge_cases import MYS, SEVERAL, VNM
from support.fold_cases import Case, claim, exact, over

#: Best first, with the host state's turn where people are concerned; CN-EMBASSY speaks for a third state.
ORDER = ("VN-MOFA", "KH-MOI", "UN", "CN-EMBASSY", "PAPER")


def anchors(first: str, second: str, *, host_first: bool = False) -> Case:
    """The better-ranked total is the smaller and the older: it anchors all the same."""
    return Case(
        f"{first} before {second}{', host first' if host_first else ''}",
        VNM,
        (claim("C2", (0, 30, 40), "../09-01", first), claim("C1", (0, 60, 70), "../09-02", second)),
        (0, 30, 110),
        SEVERAL | {"straddle"},
        host_first=host_first,
    )


BEST = [
    *(anchors(first, second) for first, second in pairwise(ORDER)),
    anchors("KH-MOI", "VN-MOFA", host_first=True),
    Case(
        "an NGO as good as the UN: the newest, then the greatest",
        VNM,
        (
            claim("C1", (0, 30, 40), "../09-01", "UN"),
            claim("C2", (0, 20, 40), "../09-02", "NGO"),
            claim("C3", (0, 25, 40), "../09-02", "UN"),
        ),
        (0, 25, 80),
        SEVERAL,
    ),
    Case(
        "a total without a number does not anchor",
        VNM,
        (claim("C1", exact(30), "../09-01", "VN-MOFA"), claim("C2", (0, None, 90), "../09-05", "VN-MOFA")),
        (30, 30, 90),
    ),
    Case(
        "a cluster speaks with one voice",
        VNM,
        (
            claim("C1", (0, 5, 9), "09-01/09-03", "VN-MOFA"),
            claim("C2", (0, 50, 60), "09-03/09-06", "KH-MOI"),
            claim("C3", (0, 6, 9), "09-06/09-08", "VN-MOFA"),
            claim("C4", (0, 7, 9), "09-09", "KH-MOI"),
        ),
        (0, 18, 87),
        SEVERAL,
    ),
    Case(
        "within a class the greatest total of its own",
        VNM,
        (
            claim("C1", (0, 5, 9), "09-01/09-03", "KH-POLICE"),
            claim("C2", (0, 6, 9), "09-04/09-05", "KH-POLICE"),
            claim("C3", (0, 10, 12), "09-01/09-05", "KH-MOI"),
        ),
        (0, 11, 30),
        SEVERAL,
    ),
    Case(
        "best counts only what starts after the anchor",
        VNM,
        (
            claim("C1", (0, 100, 110), "../09-10", "VN-MOFA"),
            claim("C2", (0, 7, 9), "09-10/09-12", "VN-MOFA"),
            claim("C3", (0, 5, 9), "09-14", "VN-MOFA"),
        ),
        (0, 105, 128),
        frozenset({"straddle"}),
    ),
    Case(
        "a lower-ranked total above the anchor",
        VNM,
        (claim("C1", exact(100), "../09-10", "VN-MOFA"), claim("C2", exact(150), "../09-08", "PAPER")),
        (150, 150, 250),
        SEVERAL | {"best_raised", "authority_conflict"},
    ),
    Case(
        "a number without a best counts with its low",
        VNM,
        (claim("C1", (0, 30, 40), "../09-10", "VN-MOFA"), claim("C2", (5, None, 9), "09-14", "VN-MOFA")),
        (5, 35, 49),
    ),
    Case("nothing at all, exactly", VNM, (claim("C1", exact(0), "09-10", "VN-MOFA"),), (0, 0, 0)),
]
HIGH = [
    Case(
        "what ended by the total's day is in it",
        VNM,
        (
            claim("C1", exact(100), "../09-10", "VN-MOFA"),
            claim("C2", exact(7), "09-10", "VN-MOFA"),
            claim("C3", exact(9), "09-02/09-09", "VN-MOFA", grade=POSSIBLE),
        ),
        exact(100),
    ),
    Case(
        "probable and possible claims add to high alone",
        VNM,
        (
            claim("C1", exact(100), "../09-10", "VN-MOFA"),
            claim("C2", exact(7), "09-12", "VN-MOFA", grade=PROBABLE),
            claim("C3", exact(9), "09-14", "VN-MOFA", grade=POSSIBLE),
        ),
        (100, 100, 116),
    ),
    Case(
        "of one since only the newest",
        VNM,
        (
            claim("C1", exact(10), "09-01..09-05", "VN-MOFA"),
            claim("C2", exact(20), "09-01..09-08", "VN-MOFA"),
            claim("C3", exact(4), "09-01..09-06", "VN-MOFA", place="KH-12"),
        ),
        (20, 20, 24),
    ),
    Case(
        "n further, possibly",
        MYS,
        (
            claim("C1", exact(24), "09-09", "MY-MOFA", further=True, grade=POSSIBLE),
            claim("C2", exact(4), "09-12", "MY-MOFA"),
        ),
        (4, 4, 28),
    ),
    Case(
        "another authority's total is no base",
        MYS,
        (claim("C1", exact(24), "09-09", "MY-MOFA", further=True), claim("C2", exact(50), "../09-09", "KH-MOI")),
        (50, 50, OPEN),
        SEVERAL | {"baseline_unknown"},
    ),
    Case(
        "planned like increments",
        "repatriation_planned/VNM/KHM",
        (
            claim("C1", exact(11), "09-01/09-05", "VN-MOFA", kind="planned"),
            claim("C2", exact(4), "09-08", "VN-MOFA", kind="planned"),
        ),
        exact(15),
    ),
]


def missing(
    name: str, numbers: tuple[int, int | None, int], day: str, by: str = "MY-MOFA", grade: int = FIRM, place: str = ""
) -> Statement:
    return claim(name, numbers, day, by, kind="stock", grade=grade, place=place)


CELL = "missing/MYS/KHM"
STOCKS = [
    Case(
        "the best-ranked authority, though older",
        CELL,
        (missing("C1", exact(30), "09-09"), missing("C2", exact(12), "09-20", "KH-MOI")),
        exact(30),
        SEVERAL,
    ),
    Case(
        "others raise high",
        CELL,
        (missing("C1", exact(30), "09-09"), missing("C2", exact(50), "09-01", "KH-MOI")),
        (30, 30, 50),
        SEVERAL,
    ),
    Case(
        "a later one that is not firm raises high",
        CELL,
        (missing("C1", exact(30), "09-09"), missing("C2", exact(70), "09-10", grade=PROBABLE)),
        (30, 30, 70),
    ),
    Case(
        "an earlier one does not",
        CELL,
        (missing("C1", exact(30), "09-09"), missing("C2", over(70), "09-08", grade=PROBABLE)),
        exact(30),
    ),
    Case(
        "a province's stock is not its country's",
        CELL,
        (missing("C1", exact(30), "09-09"), missing("C2", exact(40), "09-12", place="KH-12")),
        (30, 30, 40),
    ),
]
