"""What the doctor finds."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """Something wrong: a stable `name` for programs, `where` it is, what is wrong (`says`), and what mends it (`cure`)."""

    name: str
    where: str
    says: str
    cure: str
