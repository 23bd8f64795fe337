"""The registers claims are checked against: offices, measures and words for nationalities. Users add to them as data.

A register file has any of three parts, each like its table in `data/`: `authorities` and `measures` (lists of entries)
and `demonyms` (word to nationality code). Offices only, never people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from incidentlog.schemas import iso
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.personal import identifying, titled
from incidentlog.schemas.quoting import brief, shown
from incidentlog.schemas.tables import table
from incidentlog.schemas.values import Authority, Closed, Kind, Nationality


def _of_an_office(label: str) -> str:
    """A label goes into every answer: a name in it would be an office's, a title or a telephone number somebody's."""
    found = next(iter(identifying(label)), "somebody's title or initials" if titled(label) else "")
    if found:
        raise InvalidValue("label", f"holds {found}; write what the office or the people are called, never a person")
    return label


Label = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_of_an_office)]
Word = Annotated[str, Field(max_length=80), AfterValidator(_of_an_office)]
_Entry = TypeVar("_Entry")
_PEOPLE = re.compile(r"\s+(?:nationals?|citizens?|people|workers?)$")


class RegisteredOffice(Authority):
    """An office with the name it is shown under."""

    label: Label

    @model_validator(mode="after")
    def _inside_its_country(self) -> Self:
        if self.subdivision is not None and iso.country_of(self.subdivision) != self.country:
            raise InvalidValue("subdivision", f"{self.subdivision} does not lie in {self.country or 'a country'}")
        return self


class Measure(Closed):
    """What is counted: the event type that carries it, its unit, the kinds of count it allows.

    `precedence` says whose word goes first in a best number: the people's own state (`origin`) or the `host` state.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=40)]
    event_type: Annotated[str, Field(pattern=r"^([A-Z][a-z]+)+$", max_length=40)]
    unit: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=20)]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    precedence: Literal["origin", "host"]
    label: Label


_OFFICES = TypeAdapter(tuple[RegisteredOffice, ...])
_MEASURES = TypeAdapter(tuple[Measure, ...])
_DEMONYMS = TypeAdapter(dict[Word, Nationality])


@dataclass(frozen=True, eq=False)
class Registers:
    """Offices and measures by name, nationalities by word. Immutable: `extended` returns a new one."""

    authorities: Mapping[str, RegisteredOffice]
    measures: Mapping[str, Measure]
    demonyms: Mapping[str, str]

    def authority(self, office: str) -> RegisteredOffice:
        """The office registered under the id `office`; InvalidValue with the nearest ids otherwise."""
        return _found("authority", office, self.authorities, "add the office to a register of your own")

    def measure(self, name: str) -> Measure:
        """The measure called `name`; InvalidValue with the nearest names otherwise."""
        return _found("measure", name, self.measures, f"known are {', '.join(sorted(self.measures))}")

    def nationality(self, word: str) -> str:
        """The code of a nationality as news write it: a code, a demonym or a country, in any case, also plural."""
        if iso.is_nationality(word):
            return word
        plain = _PEOPLE.sub("", " ".join(word.casefold().split()))
        for form in (plain, plain.removesuffix("s")):
            code = self.demonyms.get(form) or iso.nationality_of(form)
            if code is not None:
                return code
        return _found("nationality", plain, self.demonyms, "write the ISO 3166-1 alpha-3 code")

    def extended(self, more: Mapping[str, Any]) -> Registers:
        """These registers plus those of a register file; InvalidValue if an entry is wrong or redefines one."""
        if not isinstance(more, Mapping):
            raise InvalidValue("registers", "must be an object of authorities, measures and demonyms")
        unknown = sorted(set(more) - {"authorities", "measures", "demonyms"})
        if unknown:
            raise InvalidValue(
                brief(str(unknown[0])), "no such register; a file has authorities, measures and demonyms"
            )
        offices = _checked(_OFFICES, "authorities", more.get("authorities", ()))
        measures = _checked(_MEASURES, "measures", more.get("measures", ()))
        demonyms = _checked(_DEMONYMS, "demonyms", more.get("demonyms", {}))
        types = {measure.event_type for measure in self.measures.values()}
        for measure in measures:
            if types and measure.event_type not in types:
                problem = f"{measure.event_type} carries no measure; use one of {', '.join(sorted(types))}"
                raise InvalidValue(f"measures.{measure.name}", problem)
        return Registers(
            _merged("authorities", self.authorities, ((office.id, office) for office in offices)),
            _merged("measures", self.measures, ((measure.name, measure) for measure in measures)),
            _merged("demonyms", self.demonyms, ((word.casefold(), code) for word, code in demonyms.items())),
        )


@cache
def builtin() -> Registers:
    """The registers that ship with the contract."""
    shipped = {name: table(name) for name in ("authorities", "measures", "demonyms")}
    return Registers(MappingProxyType({}), MappingProxyType({}), MappingProxyType({})).extended(shipped)


def _checked(adapter: TypeAdapter[_Entry], register: str, entries: Any) -> _Entry:
    try:
        return adapter.validate_python(entries)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if not first["loc"]:
            kind = "an object of words and codes" if register == "demonyms" else "a list of entries"
            raise InvalidValue(register, f"must be {kind}, as in the file that ships") from None
        where = ".".join([register, *(brief(str(part)) for part in first["loc"])])
        raise InvalidValue(where, f"{first['msg']}; got {shown(first['input'])}") from None


def _merged(register: str, known: Mapping[str, _Entry], more: Iterable[tuple[str, _Entry]]) -> Mapping[str, _Entry]:
    merged = dict(known)
    for name, entry in more:
        if merged.setdefault(name, entry) != entry:
            raise InvalidValue(
                f"{register}.{brief(name)}", f"is registered already, as {merged[name]!r}; choose another name"
            )
    return MappingProxyType(merged)


def _found(field: str, name: str, entries: Mapping[str, _Entry], advice: str) -> _Entry:
    if name in entries:
        return entries[name]
    near = get_close_matches(name, entries, n=3)
    hint = f"did you mean {' or '.join(near)}? If not, {advice}" if near else advice
    raise InvalidValue(field, f"{shown(name)} is not registered: {hint}")
