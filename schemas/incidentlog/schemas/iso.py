"""ISO 3166 codes of nationalities, countries and their subdivisions, with labels of our own.

Nationality codes are alpha-3 and the user-assigned XXA, XXB, XXC and XXX of travel documents, plus QMX (several
nationalities in one number) and QMF (foreigners, the host's own people excluded).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import shown
from incidentlog.schemas.tables import table


class _Codes(NamedTuple):
    countries: dict[str, str]
    special: dict[str, str]
    subdivisions: dict[str, str]
    places: dict[str, str]


@cache
def _codes() -> _Codes:
    codes, labels = table("iso3166"), table("labels")
    alpha3 = codes["alpha3"]
    subdivisions = {
        f"{alpha2}-{suffix}": alpha3[alpha2] for alpha2, row in codes["subdivisions"].items() for suffix in row.split()
    }
    return _Codes(labels["countries"], labels["special"], subdivisions, labels["subdivisions"])


def is_nationality(code: str) -> bool:
    """Whether `code` is a country's alpha-3 or one of the special codes."""
    return code in _codes().countries or code in _codes().special


def is_country(code: str) -> bool:
    """Whether `code` is a country's alpha-3; the special codes are not."""
    return code in _codes().countries


def is_subdivision(code: str) -> bool:
    """Whether `code` is an ISO 3166-2 code such as KH-12, former ones included."""
    return code in _codes().subdivisions


def country_of(subdivision: str) -> str:
    """Alpha-3 of the country that `subdivision` lies in; InvalidValue if there is no such code."""
    try:
        return _codes().subdivisions[subdivision]
    except KeyError:
        raise InvalidValue("subdivision", f"{shown(subdivision)} is not an ISO 3166-2 code, such as KH-12") from None


def label(code: str) -> str:
    """A short English name for any code above; a subdivision without one of its own is shown as `TH-11 (Thailand)`."""
    codes = _codes()
    known = codes.countries.get(code) or codes.special.get(code) or codes.places.get(code)
    if known is not None:
        return known
    if code not in codes.subdivisions:
        raise InvalidValue("code", f"{shown(code)} is neither a nationality, a country nor a subdivision of ISO 3166")
    return f"{code} ({codes.countries[codes.subdivisions[code]]})"


def nationality_of(name: str) -> str | None:
    """The code of the country whose label is `name` in any case; None if there is none."""
    return _by_label().get(name.casefold())


@cache
def _by_label() -> dict[str, str]:
    return {name.casefold(): code for code, name in _codes().countries.items()}
