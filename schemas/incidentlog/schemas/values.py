"""The values a claim is made of. Every object is closed: a field that is not named here is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from incidentlog.schemas import edtf, iso
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import shown


class Closed(BaseModel):
    """Base of all contract objects: immutable, no unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _nationality(code: str) -> str:
    if not iso.is_nationality(code):
        raise InvalidValue("nationality", f"{shown(code)} is not an ISO 3166-1 alpha-3 code, nor XXA, XXX, QMX or QMF")
    return code


def _country(code: str) -> str:
    if not iso.is_country(code):
        raise InvalidValue("country", f"{shown(code)} is not an ISO 3166-1 alpha-3 code")
    return code


def _subdivision(code: str) -> str:
    if not iso.is_subdivision(code):
        raise InvalidValue("subdivision", f"{shown(code)} is not an ISO 3166-2 code, such as KH-12")
    return code


def _edtf(text: str) -> str:
    edtf.last_moment(text)
    return text


# JSON numbers and digits-only texts would pass for days and moments otherwise, as seconds since 1970.
def _day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise InvalidValue("day", f"{shown(value)} is not a day, such as 2022-09-06")
    if not isinstance(value, str | date) or isinstance(value, datetime):
        raise InvalidValue("day", "write a day as text, such as 2022-09-06")
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str) or "T" not in value:
        raise InvalidValue("time", "write a full timestamp with its offset, such as 2022-09-30T12:00:00Z")
    return datetime.fromisoformat(edtf.last_moment(value))


Nationality = Annotated[str, AfterValidator(_nationality), Field(json_schema_extra={"format": "iso3166-1-alpha3x"})]
Country = Annotated[str, AfterValidator(_country), Field(json_schema_extra={"format": "iso3166-1-alpha3x"})]
Subdivision = Annotated[str, AfterValidator(_subdivision), Field(json_schema_extra={"format": "iso3166-2"})]
Edtf = Annotated[str, AfterValidator(_edtf), Field(max_length=80, json_schema_extra={"format": "edtf"})]
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", max_length=40)]
EventId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Office = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]*$", max_length=40)]
StatementKey = Annotated[str, Field(min_length=1, max_length=240)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
Offset = Annotated[int, Field(strict=True, ge=0)]
Kind = Literal["increment", "cumulative", "stock", "planned"]
Standing = Literal["state", "intergovernmental", "ngo", "media"]
Qualifier = Literal[
    "exact", "about", "nearly", "at_least", "up_to", "several", "tens", "dozens", "hundreds", "thousands", "plural",
    "unstated", "outright",
]  # fmt: skip


class Authority(Closed):
    """An office that asserts something: never a person. Whether a state is the origin or the host depends on the cell."""

    id: Office
    standing: Standing
    country: Country | None = None
    subdivision: Subdivision | None = None

    @model_validator(mode="after")
    def _state_has_country(self) -> Self:
        if (self.standing == "state") != (self.country is not None):
            raise InvalidValue("authority", f"{self.id}: a state's office names its country, any other office none")
        return self


class Population(Closed):
    """Whom a number is about: a nationality, and the source's own word for it."""

    nationality: Nationality
    as_stated: Annotated[str, Field(max_length=40)] | None = None


class Place(Closed):
    """A host country and at most one subdivision; never finer. For a flow, the country left."""

    country: Country
    subdivision: Subdivision | None = None

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.subdivision is not None and iso.country_of(self.subdivision) != self.country:
            raise InvalidValue("place", f"{self.subdivision} does not lie in {self.country}")
        return self


class Quantity(Closed):
    """A number with its bounds. `best` null: not quantified; `high` null: open."""

    low: Count
    best: Count | None
    high: Count | None
    qualifier: Qualifier
    stated: Annotated[str, Field(max_length=40)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        rising = [n for n in (self.low, self.best, self.high) if n is not None]
        if rising != sorted(rising):
            raise InvalidValue("quantity", f"low {self.low}, best {self.best}, high {self.high} must not fall")
        return self


class Window(Closed):
    """The days a number covers: the source's EDTF text and explicit days.

    `start` is null where nothing bounds the beginning; `end` is the last day (the as-of day of a cumulative or a stock).
    """

    edtf: Edtf
    start: Day | None
    end: Day

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.start is not None and self.start > self.end:
            raise InvalidValue("window", f"starts {self.start}, after its end {self.end}")
        return self


class Published(Closed):
    """When the article appeared; `inferred` where it does not say so itself."""

    edtf: Edtf
    inferred: Flag = False


class Evidence(Closed):
    """Where the claim can be read: hash of the article's text (NFC), character offsets, the address if known."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    address: Annotated[str, Field(pattern=r"^https?://", max_length=400)] | None = None
    offsets: Annotated[tuple[tuple[Offset, Offset], ...], Field(max_length=16)] = ()
