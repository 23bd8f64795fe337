"""What a verdict would do: exactly the rows that differ once it is there, and those that count the claim and stay."""

from __future__ import annotations

from typing import Any

import pytest

from incidentlog.projections.effects import Effect, effects, measures_beside
from incidentlog.projections.lane import Lane
from incidentlog.schemas import records
from incidentlog.schemas.about import AboutClaims, ClaimCorrected, ClaimGraded, ClaimRedacted, ClaimRetracted, Target
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import Event, about
from support.articles import DECIDED, event, events, rows

SAID: dict[str, Any] = {"decided": DECIDED, "reason": "coding_error", "by": "EDITOR"}


def verdicts(claim: Event) -> list[Event]:
    """A retraction, and for a counted claim a grading, a redaction and a correction."""
    target = Target(type=claim.type, cell=str(claim.cell), id=claim.id)
    found: list[AboutClaims] = [ClaimRetracted(target=target, **SAID), ClaimRedacted(target=target, **SAID)]
    if isinstance(claim.data, CountedClaim):
        found.append(ClaimGraded(target=target, grade="possible" if claim.data.grade == "firm" else "firm", **SAID))
        seven = claim.data.quantity.model_copy(update={"low": 7, "best": 7, "high": 7})
        content = claim.data.model_copy(update={"quantity": seven})
        found.append(ClaimCorrected(target=target, content=content, published=content.published, **SAID))
    return [about(claim.source, data) for data in found]


def weighed(given: Event) -> list[Effect]:
    """The effects of an event on the articles, of those statements alone that it asks for."""
    beside = measures_beside(given.cell)
    there = [
        (cell, said) for _, cell, said in (records.read(wrap(each)) for each in events()) if cell.measure in beside
    ]
    _, cell, statement = records.read(wrap(given))
    return effects(cell, there, [(cell, statement)])


def told(row: Any) -> Any:
    """A row but for its version."""
    return row if row is None else {name: getattr(row, name) for name in row.__slots__ if name != "version"}


@pytest.mark.parametrize("claim", events(), ids=lambda each: each.data.ref)
def test_the_effects_are_the_differences_between_folding_everything_without_and_with_it(claim: Event) -> None:
    before = rows(events())
    for given in verdicts(claim):
        after = rows([*events(), given])
        shown = {(each.projection, each.key): each for each in weighed(given)}
        differing = {place for place in before | after if told(before.get(place)) != told(after.get(place))}
        assert {place for place, each in shown.items() if each.changed} == differing
        for place, each in shown.items():
            assert (told(each.before), told(each.after)) == (told(before.get(place)), told(after.get(place)))


@pytest.mark.parametrize("claim", events()[::5], ids=lambda each: each.data.ref)
def test_of_other_cells_it_is_enough_to_know_what_they_contribute(claim: Event) -> None:
    filed = [(cell, said) for _, cell, said in (records.read(wrap(each)) for each in events())]
    own, lane = [each for each in filed if each[0] == claim.cell], Lane()
    for cell, said in filed:
        if cell != claim.cell and cell.measure in measures_beside(claim.cell):
            lane.add(cell, said)
    beside = list(lane.take_changed().contributions.values())
    for given in verdicts(claim):
        _, cell, statement = records.read(wrap(given))
        assert effects(cell, own, [(cell, statement)], beside=beside) == weighed(given)


def test_a_number_that_counts_the_claim_is_shown_even_if_it_stays() -> None:
    given = next(each for each in verdicts(event("S1-03")) if each.type == "ClaimRedacted")
    assert [(each.projection, each.key, each.changed) for each in weighed(given)] == [
        ("estimates", "rescued/VNM/KHM", False),
        ("rescued-by-nationality", "*", False),
        ("rescued-by-nationality", "VNM", False),
    ]


def test_a_mixed_number_bears_on_everyone_and_on_the_unspecified() -> None:
    given = next(each for each in verdicts(event("S3-11")) if each.type == "ClaimRetracted")
    found = {(each.projection, each.key) for each in weighed(given)}
    assert {("requests-by-nationality", "*"), ("requests-by-nationality", "XXX")} <= found


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("rescued/VNM/KHM", {"rescued"}), ("official/XXX/KHM", {"official"}), ("escaped/VNM/KHM", {"escaped"})],
)
def test_what_is_rolled_up_together(cell: str, expected: set[str]) -> None:
    assert measures_beside(Cell.parse(cell)) == expected


def test_a_subdivision_counts_in_its_own_numbers_and_in_its_countrys() -> None:
    local = next(
        each for each in events() if isinstance(each.data, CountedClaim) and each.data.place.subdivision
        and each.data.measure == "arrested" and each.data.quantity.low
    )  # fmt: skip
    assert isinstance(local.data, CountedClaim)
    given = verdicts(local)[0]
    changed = {(each.projection, each.key) for each in weighed(given) if each.changed}
    place = local.data.place.subdivision
    assert {("estimates", f"{local.cell}/{place}"), ("arrests-by-place", place)} <= changed
