"""Rows: what the projection topics carry, one object per key, each the whole latest value.

Bounds are counts in the measure's unit: `best` null is "reported, not quantified", `high` null is open. `as_of` is the
latest last day (ISO) among what was counted in low or best. A topic's tombstone means that the row is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from incidentlog.schemas.codec import problems
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.quoting import brief

ESTIMATES = "estimates"
OFFICIAL_ACTIONS = "official-actions"


@dataclass(slots=True)
class EstimateRow:
    """The number of one cell, `rescued/VNM/KHM`, or of one of its subdivisions, `arrested/XXX/KHM/KH-12`."""

    projection: str
    key: str
    low: int
    best: int | None
    high: int | None
    as_of: str | None
    flags: tuple[str, ...]
    counted: tuple[str, ...]
    """Refs of the first 20 claims counted in low or best."""
    counted_total: int
    live: int
    withdrawn: int
    version: int
    """Grows with every change of the cell's set of statements."""


@dataclass(slots=True)
class CellPart:
    """What one cell adds to a roll-up."""

    cell: str
    low: int
    best: int | None
    high: int | None
    as_of: str | None


@dataclass(slots=True)
class ResidualPart:
    """What the breakdowns in a mixed cell leave unnamed: container minus its parts. Computed, never published."""

    cell: str
    low: int
    best: int | None
    high: int | None
    as_of: str | None
    residual: Literal[True] = True


@dataclass(slots=True)
class HostPart:
    """What one host country adds to a worldwide roll-up."""

    host: str
    low: int
    best: int | None
    high: int | None
    as_of: str | None


@dataclass(slots=True)
class RollupRow:
    """A number over several cells. Its bounds need not be the sums of its contributions': mixed cells may overlap others."""

    projection: str
    key: str
    low: int
    best: int | None
    high: int | None
    as_of: str | None
    flags: tuple[str, ...]
    contributions: tuple[CellPart | ResidualPart | HostPart, ...]


@dataclass(slots=True)
class ActionRow:
    """One official action: who did what, where and when. `quantity` is the source's remark, never counted."""

    projection: str
    key: str
    type: str
    ref: str
    authority: str
    relayed_by: str | None
    nationality: str | None
    places: tuple[str, ...]
    """Countries (alpha-3) and subdivisions (ISO 3166-2), the finer where both are known."""
    start: str | None
    end: str
    edtf: str
    quantity: dict[str, Any] | None
    addressee: str | None
    deadline: str | None
    published: str
    embargo_until: str | None
    source: str


Row = EstimateRow | RollupRow | ActionRow

_ROLLUP: TypeAdapter[Row] = TypeAdapter(RollupRow)
_OTHERS: dict[str, TypeAdapter[Row]] = {ESTIMATES: TypeAdapter(EstimateRow), OFFICIAL_ACTIONS: TypeAdapter(ActionRow)}


def encode_row(row: Any) -> bytes:
    """JSON of a row: one of the above, or whatever orjson writes that a projection of one's own makes."""
    return orjson.dumps(row)


def decode_row(raw: bytes) -> Row:
    """The row that `raw` spells; fields this version does not know are ignored. DecodeError (`invalid_row`) otherwise."""
    try:
        data = orjson.loads(raw)
        return adapter(data["projection"]).validate_python(data)
    except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError) as error:
        why = problems(error) if isinstance(error, ValidationError) else brief(str(error))
        raise DecodeError("invalid_row", f"not a row of a projection topic of this version: {why}") from error


def adapter(projection: str) -> TypeAdapter[Row]:
    """Validator and JSON Schema source of a projection's rows."""
    return _OTHERS.get(projection, _ROLLUP)
