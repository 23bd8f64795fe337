"""Names and codes in plain words, for tables and explanations."""

from __future__ import annotations

from incidentlog.schemas import iso
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.topics import OFFICIAL_ACTIONS

ALL = "*"
TITLES = {
    "estimates": "Estimates, one per measure, nationality and country",
    "rescued-by-nationality": "Rescued, by nationality",
    "repatriated-by-nationality": "Brought home by a state, by nationality",
    "requests-by-nationality": "Persons who asked to be rescued, by nationality",
    "missing-by-nationality": "Missing, by nationality",
    "arrests-by-place": "Arrested, by place",
    "raids-by-place": "Sites raided or shut, by place",
    OFFICIAL_ACTIONS: "Official actions",
}
#: What each flag tells the reader.
FLAGS = {
    "several_authorities": "more than one counted here, perhaps the same twice, so high adds theirs up",
    "straddle": "a report's days lie on both sides of the newest total, so it only raises high",
    "possible_only": "nothing said here is firm yet, only probable or possible",
    "best_raised": "disjoint reports prove more than the best single account says, so best was raised to low",
    "statement_conflict": "one statement was printed with numbers that exclude each other; the range covers all of them",
    "revision_down": "an authority lowered its own total: the lower one counts, the earlier stays within high",
    "series_break": "an authority's later total is lower after a long pause: taken as a second series, both count",
    "baseline_unknown": "a source speaks of further people without saying how many came before, so high is open",
    "authority_conflict": "another authority's total lies above the one that counts: worth a person's review",
    "id_conflict": "one claim reached the log with two contents; the copy recorded first counts",
    "containment_ignored": "claims are said to contain each other; that was ignored",
    "withdrawn": "every claim that stood here was withdrawn",
    "over_attributed": "the parts of a breakdown add up to more than the whole it is said to come from",
    "attributed": "some claims are parts of a number given for several nationalities together",
    "residual": "a total names more people than its breakdown does; the rest is shown as unspecified",
}
#: What a cell says to its reader that speaks of several nationalities.
MIXED = (
    "Speaks of several nationalities together: it may mean the same people, so the greater of it and their sum counts"
)
#: A number whose days ended longer ago than this deserves a thought.
FRESH_DAYS = 30


def flag(name: str) -> str:
    """A flag as words: `several authorities`."""
    return name.replace("_", " ")


def label(key: str) -> str:
    """What the key of a roll-up stands for: a country, a nationality or a subdivision by name."""
    if key == ALL:
        return "all together"
    try:
        return iso.label(key).partition(" (")[0]
    except InvalidValue:
        return ""


def country(place: str) -> str:
    """The country of a place, so that subdivisions stand below their country."""
    return iso.country_of(place) if iso.is_subdivision(place) else place


def days(kind: str, edtf: str) -> str:
    """The days of a claim as one would say them: `up to 2022-09-21`."""
    start, _, end = edtf.partition("/")
    if kind == "cumulative":
        return f"up to {end or start}" if start == ".." or not end else f"from {start} up to {end}"
    span = f"from {start} to {end}" if end else f"on {start}"
    return f"planned {span}" if kind == "planned" else span
