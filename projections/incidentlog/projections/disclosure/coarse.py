"""Coarsening: from a place to its country, from a day to its month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from incidentlog.projections import treatments
from incidentlog.schemas import iso, words
from incidentlog.schemas.cells import cell_of
from incidentlog.schemas.registers import Registers

#: Stands where the id of an office would name a place.
WITHHELD = "withheld"
Line = dict[str, Any]
_SAID = {
    treatments.COUNTED_IN_LOW: "counted in low",
    treatments.COUNTED_IN_BEST: "counted in best",
    treatments.RAISES_HIGH: "raises high",
    treatments.SAME_STATEMENT_AS: "says the same as another claim",
    treatments.PART_OF: "is part of another claim, and not counted beside it",
    treatments.ABSORBED_BY: "is not added, since its window overlaps that of another claim",
    treatments.SUPERSEDED_BY: "is older than another claim",
    treatments.REVISED_DOWN_BY: "was taken back by a lower one",
    treatments.OUTSIDE: "is not counted here",
}


def month(day: str | None) -> str | None:
    """`2022-09` of a day, a moment, or a month."""
    return day[:7] if day else day


def months(start: str | None, end: str) -> str:
    """The window as EDTF of months: `2022-08/2022-09`, `../2022-09`, or `2022-09`."""
    first = start[:7] if start else ".."
    return end[:7] if first == end[:7] else f"{first}/{end[:7]}"


def country(place: str) -> str:
    """The country a place lies in, itself if it is one."""
    return iso.country_of(place) if iso.is_subdivision(place) else place


def office(name: str | None, registers: Registers) -> str | None:
    """The office, unless its id may name a place below a country: a register must say that it does not."""
    if name is None:
        return None
    known = registers.authorities.get(name)
    return name if known is not None and known.subdivision is None else WITHHELD


def reason(words: Iterable[str]) -> str:
    """What became of a claim, without a word of the claims it has to do with."""
    return treatments.reason([_SAID.get(word, word.replace("_", " ")) for word in words])


def coarse_claim(line: Line, registers: Registers) -> Line:
    """A claim as of its country and its month; what links it to a place, a day or another claim is gone."""
    window = months(line["start"], line["end"])
    more = {"recorded": month(line.get("recorded")), "days": words.days(line["kind"], window)}
    return (
        line
        | {name: value for name, value in more.items() if name in line}
        | {
            "place": cell_of(str(line["cell"])),
            "by": [],
            "reason": reason(line["treatment"]),
            "stated": None,
            "start": month(line["start"]),
            "end": month(line["end"]),
            "edtf": window,
            "authority": office(line["authority"], registers),
            "relayed_by": office(line["relayed_by"], registers),
            "subdivision": None,
            "published": month(line["published"]),
            "coarsened": ["place", "days", "office", "words", "links"],
        }
    )


def coarse_action(row: Line, registers: Registers) -> Line:
    """An official action as of its countries and its months."""
    return row | {
        "places": list(dict.fromkeys(country(place) for place in row["places"])),
        "start": month(row["start"]),
        "end": month(row["end"]),
        "edtf": months(row["start"], row["end"]),
        "authority": office(row["authority"], registers),
        "relayed_by": office(row["relayed_by"], registers),
        "deadline": month(row["deadline"]),
        "published": months(None, row["published"].rpartition("/")[2]).removeprefix("../"),
        "coarsened": ["place", "days", "office", "words"],
    }
