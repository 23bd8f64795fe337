"""Who may stand behind a verdict: an office or a role, never a person. The log cannot forget, so a name must not get in."""

from __future__ import annotations

import re
from functools import lru_cache

from incidentlog.schemas.quoting import shown
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.tables import table

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")
_ROLES = (
    "ANALYST AUDITOR BUREAU CODER CODING DATA DESK DUTY EDITOR EDITORIAL ETHICS HOTLINE LEGAL NEWS NEWSROOM NGO OFFICE "
    "OFFICER OPERATIONS ORG PRIVACY PROTECTION QUALITY RESEARCH RESEARCHER REVIEW REVIEWER ROLE SAFETY SECRETARIAT SHIFT "
    "STANDARDS SUPERVISOR TEAM UNIT VERIFICATION"
)
ROLES = frozenset(_ROLES.split())
_SHOWN = "EDITOR, DATA-DESK or VN-MOFA-REVIEWER"


def problem(name: str, registers: Registers | None = None) -> str:
    """What is wrong with `name` as the office or role behind a verdict; "" if nothing is.

    Right are the offices in `registers` (those that ship, if none are given), and roles: words of `ROLES`, where they
    belong to an office or a country with its code. It errs on the side of asking: any other word may be a name.
    """
    known = registers or builtin()
    if name in known.authorities:
        return ""
    if not _CODE.fullmatch(name):
        return f"{shown(name)} is not the code of an office or a role, such as {_SHOWN}; never write a person's name"
    parts = [part for part in name.split("-") if part]
    strange = [part for part in parts if not (part in ROLES or part in _codes(known) or _small_number(part))]
    if strange:
        return (f"{', '.join(strange)} in {name} may be a person's name; write a role, such as {_SHOWN}, or add the office "
                "to a file for --registers")  # fmt: skip
    if ROLES.isdisjoint(parts):
        return f"{name} is neither a registered office nor a role, such as {_SHOWN}"
    return ""


def _small_number(part: str) -> bool:
    return part.isdecimal() and len(part) <= 2


@lru_cache(maxsize=16)
def _codes(registers: Registers) -> frozenset[str]:
    """What codes of offices are made of, and countries' two letters: of their three, some are first names."""
    offices = {part for office in registers.authorities for part in office.split("-")}
    return frozenset(offices | set(table("iso3166")["alpha3"]))
