"""The five articles' cells (codebook, section 4), with what changes when claims are added, retracted or graded."""

from __future__ import annotations

from incidentlog.schemas.statements import FIRM, OPEN, POSSIBLE, Statement
from support.fold_cases import Case, Numbers, about, claim, day, exact, grading, over, plural, retraction

POSSIBLE_RESCUES = {"VNM": ("S3-12r", 38), "MYS": ("S3-13r", 9), "IND": ("S3-14r", 6), "BGD": ("S3-15r", 1),
                    "CHN": ("S3-16r", 37), "TWN": ("S3-17r", 2)}  # fmt: skip
THOUSANDS: Numbers = (1000, None, 9999)


def possible(nationality: str) -> Statement:
    """The rescue that the wording of a request suggests."""
    ref, number = POSSIBLE_RESCUES[nationality]
    return claim(ref, exact(number), "09-26/09-28", "KH-MOI", grade=POSSIBLE)


VNM = (
    claim("S1-03", about(500), "../08-25", "VN-MOFA", published="2022-08-25"),
    claim("S0-07", about(600), "../09-06", "VN-MOFA", published="2022-09-07"),
    claim("S2-02", over(1000), "../09-21", "VN-MOFA", key="B21", published="2022-09-22"),
    claim("S2-03", over(1000), "../09-21", "VN-MOFA", key="B21", published="2022-09-22"),
    claim("S2-05", about(400), "09-01/09-21", "KH-POLICE", part_of="S2-03"),
    possible("VNM"),
)
MYS = (claim("S4-15", exact(24), "09-09", "MY-MOFA", further=True), possible("MYS"))
CHN = (claim("S3-07", (0, None, OPEN), "../09-27", "CN-EMBASSY"), possible("CHN"))
FURTHER_REPORTS = (
    claim("S9-01", about(1000), "../09-21", "VN-MOFA", key="B21", published="2022-09-22"),
    claim("S9-02", over(500), "../08-20", "VN-MOFA"),
)
SUPERVISORS = claim("S4-05a", plural(), "08-12/09-12", "KH-POLICE")
ARRESTS = (
    claim("S1-11", exact(1), "08-22", "KH-POLICE"),
    claim("S4-07", (3, None, 9), "09-08", "KH-MP", place="KH-12"),
    claim("S3-22", exact(53), "09-17..09-28", "KH-MOI"),
    claim("S3-24", exact(152), "09-17..09-28", "KH-12", place="KH-12"),
)
SITES = (
    claim("S4-06", exact(1), "09-08", "KH-MP", place="KH-12"),
    claim("S3-23", exact(87), "09-17..09-28", "KH-12", place="KH-12"),
)
RAIDS = (claim("S4-05", plural(), "08-12/09-12", "KH-POLICE"), claim("S2-06", plural(), "09-01/09-21", "KH-GOV"))
BASE = frozenset({"several_authorities"})
OPEN_MYS = BASE | {"baseline_unknown"}
ONLY = frozenset({"possible_only"})


def graded(nationality: str) -> Statement:
    ref, _ = POSSIBLE_RESCUES[nationality]
    return grading(f"G-{ref}", ref, FIRM)


RESCUED = [
    Case("VNM", "rescued/VNM/KHM", VNM, (1000, 1000, OPEN), BASE),
    Case("VNM as of 31 August", "rescued/VNM/KHM", VNM, (450, 500, 550), until=day("08-31")),
    Case("VNM as of 10 September", "rescued/VNM/KHM", VNM, (540, 600, 660), until=day("09-10")),
    Case("VNM as of 25 September", "rescued/VNM/KHM", VNM, (1000, 1000, OPEN), until=day("09-25")),
    Case("VNM before its first claim", "rescued/VNM/KHM", VNM, None, until=day("08-24")),
    Case("VNM, two reports more", "rescued/VNM/KHM", VNM + FURTHER_REPORTS, (500, 500, 550), until=day("08-31")),
    Case(
        "VNM, two reports more, later", "rescued/VNM/KHM", VNM + FURTHER_REPORTS, (1000, 1000, 1100), until=day("09-25")
    ),
    Case(
        "VNM without the thousand",
        "rescued/VNM/KHM",
        (*VNM, retraction("R1", "S2-03"), retraction("R2", "S2-02")),
        (810, 810, 1138),
        BASE | {"best_raised", "straddle"},
    ),
    Case(
        "VNM without the thousand, by its key",
        "rescued/VNM/KHM",
        (*VNM, retraction("R1", "key:B21")),
        (810, 810, 1138),
        BASE | {"best_raised", "straddle"},
    ),
    Case("MYS", "rescued/MYS/KHM", MYS, (24, 24, OPEN), OPEN_MYS),
    Case("CHN", "rescued/CHN/KHM", CHN, (0, None, OPEN), BASE),
    Case("IND", "rescued/IND/KHM", (possible("IND"),), (0, None, 6), ONLY),
    Case("BGD", "rescued/BGD/KHM", (possible("BGD"),), (0, None, 1), ONLY),
    Case("TWN", "rescued/TWN/KHM", (possible("TWN"),), (0, None, 2), ONLY),
    Case("QMF", "rescued/QMF/KHM", (claim("S4-04", (12, None, 99), "08-12/09-12", "KH-POLICE"),), (12, 12, 99)),
    Case("VNM, graded firm", "rescued/VNM/KHM", (*VNM, graded("VNM")), (1038, 1038, OPEN), BASE),
    Case("MYS, graded firm", "rescued/MYS/KHM", (*MYS, graded("MYS")), (33, 33, OPEN), OPEN_MYS),
    Case("CHN, graded firm", "rescued/CHN/KHM", (*CHN, graded("CHN")), (37, 37, OPEN), BASE),
    Case("IND, graded firm", "rescued/IND/KHM", (possible("IND"), graded("IND")), (6, 6, 6)),
    Case("BGD, graded firm", "rescued/BGD/KHM", (possible("BGD"), graded("BGD")), (1, 1, 1)),
    Case("TWN, graded firm", "rescued/TWN/KHM", (possible("TWN"), graded("TWN")), (2, 2, 2)),
]
OTHERS = [
    Case(
        "repatriated",
        "repatriated/VNM/KHM",
        (claim("S1-04", about(500), "../08-25", "VN-MOFA"), claim("S0-08", about(600), "../09-06", "VN-MOFA")),
        (540, 600, 660),
    ),
    Case("escaped", "escaped/VNM/KHM", (claim("S1-09", exact(40), "08-18", "VN-MOFA"),), (40, 40, 40)),
    Case("attempted", "escape_attempted/VNM/KHM", (claim("S1-08", over(40), "08-18", "VN-MOFA"),), (40, 40, OPEN)),
    Case("recaptured", "recaptured/VNM/KHM", (claim("S1-10", exact(1), "08-18", "KH-POLICE"),), (1, 1, 1)),
    Case(
        "requests of cases",
        "rescue_requests/QMF/KHM",
        (
            claim("S3-10", exact(34), "09-26/09-28", "KH-MOI", part_of="S3-19"),
            claim("S3-19", exact(368), "09-17..09-28", "KH-MOI"),
        ),
        (368, 368, 368),
        host_first=True,
    ),
    Case(
        "complaints",
        "complaints/QMF/KHM",
        (claim("S4-09", exact(186), "08-01..09-12", "KH-MOI"),),
        (186, 186, 186),
        host_first=True,
    ),
    Case(
        "investigated",
        "cases_investigated/QMF/KHM",
        (claim("S3-20", about(180), "09-17..09-28", "KH-MOI"),),
        (162, 180, 198),
        host_first=True,
    ),
    Case("found", "found/QMF/KHM", (claim("S3-21", exact(378), "09-17..09-28", "KH-MOI"),), (378, 378, 378)),
    Case(
        "arrests",
        "arrested/XXX/KHM",
        (*ARRESTS, SUPERVISORS),
        (156, 156, OPEN),
        BASE | {"best_raised"},
        host_first=True,
    ),
    Case(
        "arrests without the supervisors",
        "arrested/XXX/KHM",
        ARRESTS,
        (156, 156, 215),
        BASE,
        host_first=True,
    ),
    Case(
        "arrests in the capital",
        "arrested/XXX/KHM",
        (*ARRESTS, SUPERVISORS),
        (155, 155, 161),
        BASE,
        host_first=True,
        scope="KH-12",
    ),
    Case("raids", "sites_raided/XXX/KHM", SITES + RAIDS, (89, 89, OPEN), BASE | {"best_raised"}, host_first=True),
    Case("raids without the plurals", "sites_raided/XXX/KHM", SITES, (88, 88, 88), BASE, host_first=True),
    Case(
        "missing",
        "missing/MYS/KHM",
        (claim("S4-16", over(30), "09-09", "MY-MOFA", kind="stock"),),
        (30, 30, OPEN),
    ),
    Case(
        "assisted",
        "assisted/VNM/KHM",
        (
            claim("S0-09", plural(), "../09-06", "VN-MOFA"),
            claim("S1-05", THOUSANDS, "../08-25", "VN-MOFA"),
            claim("S2-04", THOUSANDS, "../09-21", "VN-MOFA"),
        ),
        (1000, 1000, 9999),
    ),
]
ARTICLES = RESCUED + OTHERS
