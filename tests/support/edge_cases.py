"""The codebook's edge cases of one cell (section 5), under its numbers."""

from __future__ import annotations

from incidentlog.schemas.statements import OPEN, POSSIBLE
from support.fold_cases import Case, about, claim, correction, exact, over, retraction

VNM = "rescued/VNM/KHM"
MYS = "rescued/MYS/KHM"
SEVERAL = frozenset({"several_authorities"})
#: E4: "24 further", then the totals that came late.
FURTHER = claim("C1", exact(24), "09-09", "MY-MOFA", further=True)
LATE = claim("C2", exact(65), "../09-02", "MY-MOFA")
LATER = claim("C3", exact(89), "../09-09", "MY-MOFA")
THOUSAND = claim("C2", over(1000), "../09-21", "VN-MOFA")

EDGES = [
    Case(
        "E1 one briefing, three outlets",
        VNM,
        (
            claim("C1", over(1000), "../09-21", "VN-MOFA", key="K"),
            claim("C2", about(1000), "../09-21", "VN-MOFA", key="K"),
            claim("C3", over(1000), "../09-21", "VN-MOFA", key="K"),
        ),
        (1000, 1000, 1100),
    ),
    Case(
        "E1b one raid, two numbers",
        VNM,
        (
            claim("C1", exact(464), "09-18", "KH-POLICE", key="K"),
            claim("C2", exact(462), "09-18", "KH-POLICE", key="K"),
        ),
        (462, 462, 464),
        frozenset({"statement_conflict"}),
    ),
    Case(
        "E2 corrected",
        VNM,
        (
            claim("C1", exact(250), "../09-21", "VN-MOFA"),
            correction("D1", claim("C1", exact(205), "../09-21", "VN-MOFA")),
        ),
        (205, 205, 205),
    ),
    Case(
        "E3 the newer total retracted",
        VNM,
        (claim("C1", about(600), "../09-06", "VN-MOFA"), THOUSAND, retraction("R1", "C2")),
        (540, 600, 660),
    ),
    Case("E4 24 further", MYS, (FURTHER,), (24, 24, OPEN), frozenset({"baseline_unknown"})),
    Case("E4 then a late total", MYS, (FURTHER, LATE), (89, 89, 89)),
    Case("E4 then a later one", MYS, (FURTHER, LATE, LATER), (89, 89, 89)),
    Case(
        "E5 a window across the total's day",
        VNM,
        (claim("C1", exact(300), "../09-10", "VN-MOFA"), claim("C2", exact(50), "09-08/09-12", "VN-MOFA")),
        (300, 300, 350),
        frozenset({"straddle"}),
    ),
    Case(
        "E6 two authorities, overlapping",
        VNM,
        (claim("C1", exact(1000), "../09-21", "VN-MOFA"), claim("C2", exact(450), "01-01..09-20", "KH-POLICE")),
        (1000, 1000, 1450),
        SEVERAL,
    ),
    Case(
        "E6b two authorities, one after the other",
        VNM,
        (claim("C1", exact(1000), "../09-21", "VN-MOFA"), claim("C2", exact(38), "09-26/09-28", "KH-MOI")),
        (1038, 1038, 1038),
        SEVERAL,
    ),
    Case(
        "E8 a lower total without notice",
        VNM,
        (claim("C1", exact(261), "../10-01", "VN-MOFA"), claim("C2", exact(250), "../10-08", "VN-MOFA")),
        (250, 250, 261),
        frozenset({"revision_down"}),
    ),
    Case(
        "E9 stocks",
        "missing/MYS/KHM",
        (
            claim("C1", over(30), "09-09", "MY-MOFA", kind="stock"),
            claim("C2", exact(12), "09-20", "MY-MOFA", kind="stock"),
        ),
        (12, 12, 12),
    ),
    *(
        Case(
            f"E10 one list, {host}",
            f"rescued/MYS/{host}",
            (claim(f"C-{host}", exact(n), "../09-09", "MY-MOFA"),),
            exact(n),
        )
        for host, n in (("KHM", 65), ("LAO", 10), ("THA", 10), ("MMR", 2))
    ),
    Case(
        "E11 a possible total neither anchors nor revises",
        VNM,
        (THOUSAND, claim("C3", exact(38), "../09-28", "VN-MOFA", grade=POSSIBLE)),
        (1000, 1000, OPEN),
    ),
    Case(
        "E12 another campaign",
        VNM,
        (THOUSAND, claim("C3", about(300), "../2025-05-31", "VN-MOFA")),
        (1000, 1000, OPEN),
        frozenset({"series_break", "best_raised"}),
    ),
    Case(
        "E13 a province's newer total",
        VNM,
        (
            claim("C1", exact(500), "../09-10", "VN-MOFA"),
            claim("C2", exact(40), "../09-20", "VN-MOFA", place="KH-18"),
        ),
        (500, 500, 540),
        frozenset({"straddle"}),
    ),
]
