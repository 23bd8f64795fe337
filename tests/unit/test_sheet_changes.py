"""A published sheet that changes: what differs, and the events that bring the log there."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentlog.schemas.about import AboutClaims, ClaimCorrected, ClaimGraded, ClaimRetracted, Target
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.events import Event, about, claim_id
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import amend, compile_sheet, difference
from support.articles import DECIDED, Bounds, bounds, event, events, rows

HEAD = f"""\
article: {{sha256: {"1" * 64}}}
published: 2022-09-22
said_on: 2022-09-22
authority: VN-MOFA
in: KHM
statements:
  - {{ref: always, did: BriefingHeld}}
"""
SOURCE = f"urn:sha256:{'1' * 64}"


def sheet(*statements: str) -> list[Event]:
    text = HEAD + "".join(f"  - {{{each}}}\n" for each in statements)
    return compile_sheet(text, registers=builtin()).events


def amended(log: list[Event], new: list[Event]) -> list[Event]:
    return log + amend(difference(log, new), decided=DECIDED)


def numbers(log: list[Event]) -> dict[str, Bounds]:
    """The estimates of the cells that still hold claims."""
    found = rows(log).items()
    return {key: bounds(row) for (projection, key), row in found if projection == "estimates" and row.live}


def verbs(found: list[Event]) -> list[str]:
    return [each.type for each in found]


RESCUED = "ref: A, reports: rescued, quantity: {}, of: {}, during: 2022-09-01/2022-09-03"


def test_a_new_sheet_is_all_added() -> None:
    new = sheet(RESCUED.format(5, "VNM"))
    changes = difference([], new)
    assert [change.kind for change in changes] == ["added", "added"]
    assert amend(changes, decided=DECIDED) == new


def test_an_unchanged_sheet_changes_nothing() -> None:
    assert difference(events(), events()[:12]) == []


def test_other_content_is_a_correction() -> None:
    old, new = sheet(RESCUED.format(5, "VNM")), sheet(RESCUED.format(7, "VNM"))
    (change,) = difference(old, new)
    assert (change.kind, change.ref, change.old, change.new) == ("changed", "A", old[1], new[1])
    (correction,) = amend([change], decided=DECIDED, reason="source_corrected")
    assert isinstance(correction.data, ClaimCorrected)
    assert (correction.data.target.id, correction.data.content) == (old[1].id, new[1].data)
    assert (correction.source, correction.data.reason) == (SOURCE, "source_corrected")
    assert numbers([*old, correction]) == {"rescued/VNM/KHM": (7, 7, 7)}


def test_a_statement_left_out_is_retracted() -> None:
    old, new = sheet(RESCUED.format(5, "VNM")), sheet()
    (change,) = difference(old, new)
    assert (change.kind, change.ref, change.new) == ("removed", "A", None)
    assert verbs(amend([change], decided=DECIDED)) == ["ClaimRetracted"]
    assert numbers(amended(old, new)) == {}


def test_another_cell_is_a_retraction_and_a_new_claim_that_replaces() -> None:
    old, new = sheet(RESCUED.format(5, "VNM")), sheet(RESCUED.format(5, "MYS"))
    (change,) = difference(old, new)
    assert (change.kind, change.ref) == ("moved", "A.2")
    retraction, claim = amend([change], decided=DECIDED)
    assert isinstance(retraction.data, ClaimRetracted)
    assert (retraction.data.target.id, str(retraction.cell)) == (old[1].id, "rescued/VNM/KHM")
    assert isinstance(claim.data, CountedClaim)
    assert (claim.id, claim.data.replaces) == (claim_id(SOURCE, "A.2"), old[1].id)
    assert numbers([*old, retraction, claim]) == {"rescued/MYS/KHM": (5, 5, 5)}


def test_another_measure_moves_to_another_topic() -> None:
    old, new = sheet(RESCUED.format(5, "VNM")), sheet(RESCUED.format(5, "VNM").replace("rescued", "found"))
    log = amended(old, new)
    assert [each.home for each in log[2:]] == ["RescueReported", "VictimsFound"]
    assert numbers(log) == {"found/VNM/KHM": (5, 5, 5)}


def test_links_follow_a_statement_that_moved() -> None:
    linked = "ref: B, did: MeetingHeld, related: [A], twin_of: A"
    old, new = sheet(RESCUED.format(5, "VNM"), linked), sheet(RESCUED.format(5, "MYS"), linked)
    moved, followed = difference(old, new)
    assert (moved.kind, followed.kind) == ("moved", "changed")
    assert followed.new is not None
    assert moved.new is not None
    assert not isinstance(followed.new.data, AboutClaims)
    assert (followed.new.data.related, followed.new.data.twin_of) == ((moved.new.id,), moved.new.id)


def test_moving_back_undoes_the_move() -> None:
    first, second = sheet(RESCUED.format(5, "VNM")), sheet(RESCUED.format(5, "MYS"))
    log = amended(amended(first, second), first)
    assert verbs(log[4:]) == ["ClaimRetracted", "ClaimRetracted"]
    assert numbers(log) == {"rescued/VNM/KHM": (5, 5, 5)}


def test_correcting_back_undoes_the_correction() -> None:
    first, second = sheet(RESCUED.format(5, "VNM")), sheet(RESCUED.format(7, "VNM"))
    log = amended(amended(first, second), first)
    assert verbs(log[2:]) == ["ClaimCorrected", "ClaimRetracted"]
    assert numbers(log) == {"rescued/VNM/KHM": (5, 5, 5)}


def test_a_retracted_statement_that_the_sheet_has_is_restored() -> None:
    full, short = sheet(RESCUED.format(5, "VNM")), sheet()
    log = amended(full, short)
    (change,) = difference(log, full)
    assert (change.kind, change.undo) == ("restored", (log[-1],))
    assert numbers([*log, *amend([change], decided=DECIDED)]) == {"rescued/VNM/KHM": (5, 5, 5)}


def test_gradings_are_other_peoples_verdicts_and_stay() -> None:
    target = Target(type="RescueReported", cell="rescued/VNM/KHM", id=event("S3-12r").id)
    graded = about("urn:reviewer", ClaimGraded(target=target, grade="firm", decided=DECIDED))
    assert difference([*events(), graded], events()) == []


def test_claims_of_other_articles_do_not_matter() -> None:
    new = sheet(RESCUED.format(5, "VNM"))
    assert [change.ref for change in difference(events(), new)] == ["always", "A"]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_amending_again_gives_the_same_events(times: int) -> None:
    old, new = sheet(RESCUED.format(5, "VNM")), sheet(RESCUED.format(5, "MYS"))
    once = amend(difference(old, new), decided=DECIDED)
    again = [each for _ in range(times) for each in amend(difference(old, new), decided=DECIDED)]
    assert again == once * times
    assert difference(old + again, new) == []


STATEMENTS = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(["rescued", "found", "arrested"]),
        st.sampled_from(["VNM", "MYS"]),
        st.integers(1, 4),
        st.sampled_from(["", ", related: [always]", ", grade: possible", ", part_of: R0"]),
    ),
)
VERSIONS = st.lists(st.lists(STATEMENTS, min_size=3, max_size=3), min_size=1, max_size=6)


def version(drawn: list[tuple[str, str, int, str] | None]) -> list[Event]:
    whole = drawn[0]
    texts = []
    for number, each in enumerate(drawn):
        if each is not None:
            measure, nationality, quantity, more = each
            if more == ", part_of: R0" and (number == 0 or whole is None or whole[:2] != each[:2]):
                more = ""
            days = f"during: 2022-09-0{number + 1}/2022-09-0{number + 3}"
            texts.append(f"ref: R{number}, reports: {measure}, of: {nationality}, quantity: {quantity}, {days}{more}")
    return sheet(*texts)


@settings(max_examples=40, deadline=None)
@given(VERSIONS, st.randoms(use_true_random=False))
def test_the_log_then_folds_like_the_new_sheet(
    drawn: list[list[tuple[str, str, int, str] | None]], draw: Random
) -> None:
    log: list[Event] = []
    for each in drawn:
        new = version(each)
        log = amended(log, new)
        draw.shuffle(log)
        log.append(draw.choice(log))
        assert difference(log, new) == []
        assert numbers(log) == numbers(new)
    assert [decode(encode(each), builtin()) for each in log] == log
