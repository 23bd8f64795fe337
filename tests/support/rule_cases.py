"""Each rule of the fold once, where the articles and the edge cases leave it untried."""

from __future__ import annotations

from incidentlog.schemas.statements import CLAIM, FIRM, POSSIBLE, PROBABLE
from support.edge_cases import SEVERAL, THOUSAND, VNM
from support.fold_cases import Case, claim, correction, day, exact, grading, retraction
from support.histories import make

OLD = claim("C1", exact(205), "../09-21", "VN-MOFA")
AFTER = "2022-12-01T00:00:00.000000Z"
KNOWN = "2022-11-01T00:00:00.000000Z"
UP_TO_20 = (0, None, 20)

RESOLVE = [
    Case("retracted", VNM, (OLD, retraction("R1", "C1")), (0, None, 0), frozenset({"withdrawn"})),
    Case("retraction undone", VNM, (OLD, retraction("R1", "C1"), retraction("R2", "R1")), exact(205)),
    Case(
        "undo undone",
        VNM,
        (OLD, retraction("R1", "C1"), retraction("R2", "R1"), retraction("R3", "R2")),
        (0, None, 0),
        frozenset({"withdrawn"}),
    ),
    Case("retraction of what was never seen", VNM, (retraction("R1", "C1"),), None),
    Case(
        "retractions in a circle",
        VNM,
        (OLD, retraction("R1", "C1"), retraction("R2", "R1"), retraction("R1", "R2")),
        exact(205),
        frozenset({"id_conflict"}),
    ),
    Case(
        "the latest published correction",
        VNM,
        (
            OLD,
            correction("D9", claim("C1", exact(7), "../09-21", "VN-MOFA", published="2022-10-01")),
            correction("D1", claim("C1", exact(8), "../09-21", "VN-MOFA", published="2022-10-02")),
        ),
        exact(8),
    ),
    Case(
        "a correction undone",
        VNM,
        (OLD, correction("D1", claim("C1", exact(7), "../09-21", "VN-MOFA")), retraction("R1", "D1")),
        exact(205),
    ),
    Case(
        "a correction of all wordings",
        VNM,
        (OLD, correction("D1", claim("C1", exact(7), "../09-21", "VN-MOFA"), target="key:C1")),
        exact(7),
    ),
    Case(
        "the latest grading",
        VNM,
        (OLD, grading("G9", "C1", FIRM, "2022-10-02"), grading("G1", "C1", POSSIBLE, "2022-10-03")),
        (0, None, 205),
        frozenset({"possible_only"}),
    ),
    Case("recorded too late", VNM, (claim("C1", exact(5), "../09-21", "VN-MOFA", recorded=AFTER),), None, known=KNOWN),
    Case(
        "corrected too late",
        VNM,
        (OLD, correction("D1", claim("C1", exact(7), "../09-21", "VN-MOFA"), recorded=AFTER)),
        exact(205),
        known=KNOWN,
    ),
    Case(
        "heard again, earlier",
        VNM,
        (OLD._replace(recorded=AFTER), OLD),
        exact(205),
        known=KNOWN,
    ),
    Case(
        "corrected into the time asked for",
        VNM,
        (OLD, correction("D1", claim("C1", exact(205), "../09-01", "VN-MOFA"))),
        exact(205),
        until=day("09-10"),
    ),
    Case(
        "two contents under one id",
        VNM,
        (OLD, make(CLAIM, "C1", content=THOUSAND.content, recorded=AFTER)),
        exact(205),
        frozenset({"id_conflict"}),
    ),
]
MERGE = [
    Case(
        "the strongest grade speaks",
        VNM,
        (
            claim("C1", exact(5), "09-01", "PAPER", key="K", grade=POSSIBLE),
            claim("C2", exact(9), "09-01", "PAPER", key="K", grade=PROBABLE),
            claim("C3", exact(7), "09-01", "PAPER", key="K"),
        ),
        exact(7),
    ),
    Case(
        "the most frequent best, ties to the lower",
        VNM,
        tuple(
            claim(f"C{n}", (10, best, 20), "09-01", "PAPER", key="K")
            for n, best in enumerate((20, 12, None, 14, 14, 12, 20))
        ),
        (10, 12, 20),
    ),
    Case(
        "best moved into the interval",
        VNM,
        (
            claim("C1", (10, 10, 20), "09-01", "PAPER", key="K"),
            claim("C2", (10, 10, 20), "09-01", "PAPER", key="K"),
            claim("C3", (13, 15, 20), "09-01", "PAPER", key="K"),
        ),
        (13, 13, 20),
    ),
    Case(
        "what one can say comes from the least id",
        VNM,
        (
            claim("C2", exact(10), "09-01", "PAPER", key="K"),
            claim("C1", exact(10), "09-01/09-05", "PAPER", key="K"),
            claim("C3", exact(10), "09-05", "PAPER"),
        ),
        (10, 10, 20),
    ),
]
CONTAINER = claim("C1", exact(50), "09-01/09-10", "VN-MOFA")
PART = claim("C2", exact(20), "09-12", "VN-MOFA", part_of="C1")
PARTS = [
    Case("a part", VNM, (CONTAINER, PART), exact(50)),
    Case("a part whose container died", VNM, (CONTAINER, PART, retraction("R1", "C1")), exact(20)),
    Case("a part of something elsewhere", VNM, (PART,), exact(20)),
    Case("a weaker container", VNM, (CONTAINER, PART, grading("G1", "C1", PROBABLE)), (20, 20, 70)),
    Case("a weaker part", VNM, (CONTAINER, PART, grading("G1", "C2", PROBABLE)), exact(50)),
    Case(
        "parts in a circle",
        VNM,
        (claim("C1", exact(50), "09-01/09-10", "VN-MOFA", part_of="C2"), PART),
        exact(70),
        frozenset({"containment_ignored"}),
    ),
    Case(
        "a part of its own statement",
        VNM,
        (
            claim("C1", exact(50), "09-01", "VN-MOFA", key="K", part_of="C2"),
            claim("C2", exact(50), "09-01", "VN-MOFA", key="K"),
        ),
        exact(50),
        frozenset({"containment_ignored"}),
    ),
    Case(
        "a part, where only its province is asked for",
        VNM,
        (CONTAINER, claim("C2", exact(20), "09-12", "VN-MOFA", part_of="C1", place="KH-12")),
        exact(20),
        scope="KH-12",
    ),
]
REVISIONS = [
    Case(
        "90 days apart",
        VNM,
        (claim("C1", exact(50), "../06-01", "VN-MOFA"), claim("C2", exact(40), "../08-30", "VN-MOFA")),
        (40, 40, 50),
        frozenset({"revision_down"}),
    ),
    Case(
        "91 days apart",
        VNM,
        (claim("C1", exact(50), "../06-01", "VN-MOFA"), claim("C2", exact(40), "../08-31", "VN-MOFA")),
        (50, 50, 90),
        frozenset({"series_break", "best_raised"}),
    ),
    Case(
        "lower on the same day, published later",
        VNM,
        (
            claim("C2", exact(50), "../06-01", "VN-MOFA", published="2022-06-02"),
            claim("C1", exact(40), "../06-01", "VN-MOFA", published="2022-06-03"),
        ),
        (40, 40, 50),
        frozenset({"revision_down"}),
    ),
    Case(
        "a revised figure without a best keeps its high",
        VNM,
        (claim("C1", (50, None, 70), "../06-01", "VN-MOFA"), claim("C2", exact(40), "../06-08", "VN-MOFA")),
        (40, 40, 70),
        frozenset({"revision_down"}),
    ),
    Case(
        "another since is another series",
        VNM,
        (claim("C1", exact(50), "01-01..06-01", "VN-MOFA"), claim("C2", exact(40), "05-01..06-08", "VN-MOFA")),
        (50, 50, 90),
    ),
    Case(
        "one since",
        VNM,
        (claim("C1", exact(50), "01-01..06-01", "VN-MOFA"), claim("C2", exact(40), "01-01..06-08", "VN-MOFA")),
        (40, 40, 50),
        frozenset({"revision_down"}),
    ),
    Case(
        "another authority revises nothing",
        VNM,
        (claim("C1", exact(50), "../06-01", "VN-MOFA"), claim("C2", exact(40), "../06-08", "KH-MOI")),
        (50, 50, 90),
        SEVERAL | {"straddle"},
    ),
    Case(
        "a province revises nothing",
        VNM,
        (
            claim("C1", exact(50), "01-01..06-01", "VN-MOFA", place="KH-12"),
            claim("C2", exact(40), "01-01..06-08", "VN-MOFA", place="KH-12"),
        ),
        exact(50),
    ),
    Case(
        "asked for itself, it does",
        VNM,
        (
            claim("C1", exact(50), "../06-01", "VN-MOFA", place="KH-12"),
            claim("C2", exact(40), "../06-08", "VN-MOFA", place="KH-12"),
        ),
        (40, 40, 50),
        frozenset({"revision_down"}),
        scope="KH-12",
    ),
]
LOW = [
    Case(
        "touching days overlap",
        VNM,
        (claim("C1", exact(5), "09-01/09-05", "VN-MOFA"), claim("C2", exact(6), "09-05/09-08", "VN-MOFA")),
        (6, 6, 11),
    ),
    Case(
        "an older base and what came since",
        VNM,
        (
            claim("C1", exact(70), "../09-01", "KH-MOI"),
            claim("C2", exact(60), "09-02/09-05", "VN-MOFA"),
            claim("C3", exact(100), "../09-05", "VN-MOFA"),
        ),
        (130, 130, 170),
        SEVERAL | {"best_raised"},
    ),
]
RULES = [*RESOLVE, *MERGE, *PARTS, *REVISIONS, *LOW]
