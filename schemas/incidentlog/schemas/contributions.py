"""Contributions: what changed cells tell the roll-ups, re-keyed so that every record of one roll-up has one writer.

Whole latest values, never differences: a roll-up keeps the greatest version of each key, so repetition and order of
arrival change nothing. Two kinds: the number of a cell (or of one of its subdivisions), and the live statements of cells
whose claims contain claims of other cells or are contained in them, since whether a claim counts beside its container is
known only where both are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from incidentlog.schemas.errors import DecodeError

#: A merged statement as a JSON array; only the folds read inside.
Packed = list[Any]


@dataclass(slots=True)
class CellContribution:
    """The estimate of `cell` in `scope` (a subdivision, or empty for the whole country), for one roll-up."""

    projection: str
    cell: str
    scope: str
    version: int
    low: int
    best: int | None
    high: int | None
    as_of: str | None
    flags: tuple[str, ...]

    @property
    def key(self) -> str:
        """Key of the record."""
        return f"{self.projection}|{self.cell}/{self.scope}" if self.scope else f"{self.projection}|{self.cell}"


@dataclass(slots=True)
class StatementContribution:
    """The live statement whose first claim is `claim`, all wordings together; None where no statement begins with it.

    Told of all mixed cells, and of other cells once a claim in them is part of a claim elsewhere. `host_first` says in
    whose favour the cell's fold ranks authorities.
    """

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


Contribution = CellContribution | StatementContribution


def encode_contribution(contribution: Contribution) -> bytes:
    """JSON of a contribution."""
    return orjson.dumps(contribution)


def decode_contribution(raw: bytes) -> Contribution:
    """The contribution that `raw` spells. DecodeError (`invalid_contribution`) otherwise."""
    try:
        data = orjson.loads(raw)
        if "claim" in data:
            return StatementContribution(**data)
        data["flags"] = tuple(data["flags"])
        return CellContribution(**data)
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise DecodeError("invalid_contribution", f"not a record of the contributions topic: {error}") from error
