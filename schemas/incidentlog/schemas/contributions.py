"""Contributions: what changed cells tell the roll-ups, re-keyed so that every record of one roll-up has one writer.

Whole latest values, never differences: a roll-up keeps the greatest version of each key, so repetition and order of
arrival change nothing. Two kinds: the number of a cell (or of one of its subdivisions), and, block by block, the live
statements of cells whose claims contain claims of other cells or are contained in them, since whether a claim counts
beside its container is known only where both are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter, itemgetter
from sys import intern
from typing import Any, TypeVar

import orjson

from incidentlog.schemas.errors import DecodeError

T = TypeVar("T")
#: A merged statement as a JSON array; only the folds read inside.
Packed = list[Any]


@dataclass(slots=True)
class CellContribution:
    """The estimate of `cell` in `scope` (a subdivision, or empty for the whole country), for one roll-up.

    Where its statements are told, they are those of the first `blocks` blocks that were told since version `since`.
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
    since: int = 0
    blocks: int = 0

    @property
    def key(self) -> str:
        """Key of the record."""
        return f"{self.projection}|{self.cell}/{self.scope}" if self.scope else f"{self.projection}|{self.cell}"


@dataclass(slots=True)
class BlockContribution:
    """Some live statements of a cell; every block since `since` together has each of them once.

    Told of all mixed cells, and of other cells once a claim in them is part of a claim elsewhere. `statements` are those
    that may contain a claim of another cell or be part of one, `others` the rest: JSON that is read when it is needed.
    `host_first` says in whose favour the cell's fold ranks authorities.
    """

    projection: str
    cell: str
    scope: str
    block: int
    version: int
    since: int
    host_first: bool
    statements: list[Packed]
    others: bytes = b""

    @property
    def key(self) -> str:
        """Key of the record."""
        place = f"{self.cell}/{self.scope}" if self.scope else self.cell
        return f"{self.projection}|{place}#{self.block}"


Contribution = CellContribution | BlockContribution

_HEAD = ("projection", "cell", "scope", "block", "version", "since", "host_first", "statements")
_NUMBER = ("projection", "cell", "scope", "version", "low", "best", "high", "as_of", "flags", "since", "blocks")
_head, _number = attrgetter(*_HEAD), itemgetter(*_NUMBER)


def encode_contribution(contribution: Contribution) -> bytes:
    """JSON of a contribution; a block's other statements are a second line."""
    if isinstance(contribution, CellContribution):
        return orjson.dumps(contribution)
    head = orjson.dumps(dict(zip(_HEAD, _head(contribution), strict=True)))
    return b"%b\n%b" % (head, contribution.others) if contribution.others else head


@lru_cache(maxsize=4096)
def _same(recurring: T) -> T:
    """One object for days and flags that recur from cell to cell."""
    return recurring


def decode_contribution(raw: bytes) -> Contribution:
    """The contribution that `raw` spells. DecodeError (`invalid_contribution`) otherwise."""
    try:
        head, _, others = raw.partition(b"\n")
        data = orjson.loads(head)
        if "block" in data:
            data["projection"], data["cell"] = intern(data["projection"]), intern(data["cell"])
            return BlockContribution(**data, others=others)
        data["projection"], data["cell"] = intern(data["projection"]), intern(data["cell"])
        data["as_of"], data["flags"] = _same(data["as_of"]), _same(tuple(map(intern, data["flags"])))
        return CellContribution(*_number(data))
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise DecodeError("invalid_contribution", f"not a record of the contributions topic: {error}") from error
