"""The claims behind a number, each with its words, its numbers and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from incidentlog.projections.cell import CellFold
from incidentlog.projections.estimate import Treatment
from incidentlog.projections.events import Events, resolved
from incidentlog.projections.precedence import Precedence, by_default
from incidentlog.projections.treatments import COUNTED_IN_BEST, COUNTED_IN_LOW, OUTSIDE, RAISES_HIGH, SAME_STATEMENT_AS
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import CLAIM, FIRM, GRADES, OPEN, Content, Statement


@dataclass(frozen=True, slots=True)
class Explained:
    """A claim of a cell: what it says now (after corrections and gradings), and its treatment.

    `place` is the key of the estimate it was asked for: the cell, or one of its subdivisions.
    """

    place: str
    cell: Cell
    content: Content
    told: Mapping[str, Any]
    treatment: Treatment
    recorded: str = ""
    """When the claim was recorded, RFC 3339 in UTC."""

    @property
    def low(self) -> int:
        return self.content.low

    @property
    def best(self) -> int | None:
        return self.content.best

    @property
    def high(self) -> int | None:
        return None if self.content.high >= OPEN else self.content.high

    @property
    def value(self) -> int:
        """What a plain sum would add."""
        return self.content.low if self.content.best is None else self.content.best

    @property
    def firm(self) -> bool:
        return self.content.grade == FIRM

    @property
    def counted(self) -> bool:
        """Whether it is part of the low or the best number."""
        return not {COUNTED_IN_LOW, COUNTED_IN_BEST}.isdisjoint(self.treatment.treatment)

    @property
    def raising(self) -> bool:
        """Whether it raises high."""
        return RAISES_HIGH in self.treatment.treatment

    @property
    def repeated(self) -> bool:
        """Whether it is another wording of a statement that another claim stands for."""
        return SAME_STATEMENT_AS in self.treatment.treatment

    @property
    def outside(self) -> bool:
        """Whether it was withdrawn or lies outside the limits."""
        return OUTSIDE in self.treatment.treatment

    def as_json(self, note: str | None) -> dict[str, Any]:
        """The line that `why --json` prints."""
        content, told = self.content, self.told
        line = {
            "id": self.treatment.id, "ref": self.treatment.ref, "treatment": list(self.treatment.treatment),
            "by": list(self.treatment.by), "reason": self.treatment.reason, "cell": str(self.cell), "low": self.low,
            "best": self.best, "high": self.high, "stated": told.get("stated"), "qualifier": told.get("qualifier"),
            "kind": content.kind, "start": _day(content.start), "end": _day(content.end), "edtf": told.get("edtf"),
            "authority": content.authority, "relayed_by": told.get("relayed_by"), "subdivision": content.subdivision or None,
            "grade": GRADES[content.grade], "published": content.published, "source": told.get("source"),
        }  # fmt: skip
        return line | ({"note": note} if note else {})


def explained(
    place: str,
    statements: Iterable[Statement],
    precedence: Precedence = by_default,
    *,
    until: int = 0,
    known: str = "",
) -> list[Explained]:
    """The claims of a cell (`rescued/VNM/KHM`) or of one of its subdivisions (`arrested/XXX/KHM/KH-12`).

    `until` is the ordinal of the last day that counts, `known` the moment by which claims were recorded; 0 and "" are none.
    """
    measure, nationality, country, *scope = place.split("/")
    cell, listed = Cell(measure, nationality, country), list(statements)
    fold = CellFold(cell, host_first=precedence(measure), until=until, known=known)
    for statement in listed:
        fold.add(statement)
    claims = {each.id: each for each in listed if each.verb == CLAIM}
    events = Events("")
    for each in listed:
        if each.verb != CLAIM and each.id not in events.by_id:
            events.add(each)
    return [
        _explained(place, cell, claims[each.id], events, each) for each in fold.lineage(*scope) if each.id in claims
    ]


def _explained(place: str, cell: Cell, claim: Statement, events: Events, treatment: Treatment) -> Explained:
    assert claim.content is not None
    holding = [each for each in events.of(claim.id, claim.content.statement_key) if events.holds(each.id)]
    content, _ = resolved(claim.content, holding)
    told = claim.told or {}
    for correction in holding:
        if correction.content is not None and correction.content._replace(grade=content.grade) == content:
            told = {**told, **(correction.told or {}), "source": told.get("source")}
    return Explained(place, cell, content, told, treatment, claim.recorded)


def _day(ordinal: int) -> str | None:
    return date.fromordinal(ordinal).isoformat() if ordinal else None


def plain_sum(claims: Iterable[Explained]) -> list[int]:
    """The numbers of all firm claims that were not withdrawn, largest first: what a plain sum would add up."""
    return sorted((each.value for each in claims if each.firm and not each.outside and each.value), reverse=True)


def places_of(row: Mapping[str, Any], estimates: Iterable[str], measures: Iterable[str]) -> list[str]:
    """Keys of the estimates behind a row: itself, its contributions', or all of a host's for its total or a remainder."""
    if "contributions" not in row:
        return [row["key"]]
    parts, wanted = row["contributions"], set(measures)
    whole = {part["host"] for part in parts if "host" in part}
    whole |= {part["cell"].split("/")[2] for part in parts if part.get("residual")}
    places = {part["cell"] for part in parts if "cell" in part}
    places |= {key for key in estimates if key.count("/") == 2 and _within(key, wanted, whole)}
    return sorted(places)


def _within(key: str, measures: set[str], hosts: set[str]) -> bool:
    measure, _, country = key.split("/")
    return measure in measures and country in hosts
