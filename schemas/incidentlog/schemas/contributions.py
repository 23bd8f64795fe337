"""Contributions: what changed cells tell the roll-ups, re-keyed so that every record of one roll-up has one writer.

Whole latest values, never differences: a roll-up keeps the greatest version of each key, so repetition and order of
arrival change nothing. Two kinds: the number of a cell (or of one of its subdivisions), and for each claim of a mixed
cell whether it lives, since the parts attributed to it are counted elsewhere, in cells of other partitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from incidentlog.schemas.errors import DecodeError

#: A merged statement as a JSON array; only the cell fold reads inside.
Packed = list[Any]


@dataclass(slots=True)
class CellContribution:
    """The estimate of `cell` in `scope` (a subdivision, or empty for the whole country), for one roll-up.

    `claims` are the cell's live merged statements; present only where one of them is part of a claim in another cell, so
    that the roll-up can fold the cell without those attributed to a container that lives. `host_first` says in whose
    favour that fold ranks authorities.
    """

    projection: str
    cell: str
    scope: str
    version: int
    low: int
    best: int | None
    high: int | None
    as_of: str | None
    flags: tuple[str, ...]
    host_first: bool = False
    claims: list[Packed] | None = None

    @property
    def key(self) -> str:
        """Key of the record."""
        return f"{self.projection}|{self.cell}/{self.scope}" if self.scope else f"{self.projection}|{self.cell}"


@dataclass(slots=True)
class Container:
    """One claim of a mixed cell: the merged statement it lives in, or None where it does not count (any more)."""

    projection: str
    cell: str
    scope: str
    claim: str
    version: int
    host_first: bool
    statement: Packed | None

    @property
    def key(self) -> str:
        """Key of the record."""
        place = f"{self.cell}/{self.scope}" if self.scope else self.cell
        return f"{self.projection}|{place}#{self.claim}"


Contribution = CellContribution | Container


def encode_contribution(contribution: Contribution) -> bytes:
    """JSON of a contribution."""
    return orjson.dumps(contribution)


def decode_contribution(raw: bytes) -> Contribution:
    """The contribution that `raw` spells. DecodeError (`invalid_contribution`) otherwise."""
    try:
        data = orjson.loads(raw)
        if "claim" in data:
            return Container(**data)
        data["flags"] = tuple(data["flags"])
        return CellContribution(**data)
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise DecodeError("invalid_contribution", f"not a record of the contributions topic: {error}") from error
