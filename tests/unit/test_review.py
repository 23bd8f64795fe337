"""Verdicts upon verdicts: each does what it announced, and undone in reverse they leave everything as it was."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from incidentlog.client import History, MemoryBroker, Publisher
from incidentlog.review import CorrectIt, GradeIt, Proposal, Request, RetractIt, Review, ReviewError, UndoIt
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.topics import Topics
from support.articles import event, events, rows

STEPS = 12


async def told() -> MemoryBroker:
    """A broker with the articles."""
    broker = MemoryBroker()
    broker.create(Topics().all())
    async with Publisher(broker) as publisher:
        await publisher.publish_all(events())
    return broker


async def numbers(broker: MemoryBroker) -> dict[tuple[str, str], Any]:
    """What the log comes to: the rows, but for their versions."""
    async with History(broker) as history:
        found = rows([each.event async for each in history.events()])
    return {place: said(row) for place, row in found.items()}


def said(row: Any) -> Any:
    return row if row is None else {name: getattr(row, name) for name in row.__slots__ if name != "version"}


def drawn(rng: Random) -> tuple[Request, str]:
    """A verdict on any counted claim."""
    claim = rng.choice([each for each in events() if isinstance(each.data, CountedClaim)])
    wordings = rng.random() < 0.3
    requests: list[Request] = [
        GradeIt(by="EDITOR", grade=rng.choice(("firm", "probable", "possible")), wordings=wordings),
        RetractIt(by="EDITOR", reason="duplicate", wordings=wordings),
        CorrectIt(by="EDITOR", reason="coding_error", changes={"quantity": f"about {rng.randrange(1, 900)}"}),
    ]
    return rng.choice(requests), claim.id


@pytest.mark.parametrize("seed", range(6))
async def test_verdicts_do_what_they_announce_and_undone_leave_all_as_it_was(seed: int) -> None:
    rng, broker = Random(f"verdicts {seed}"), await told()
    review, given, stands = Review(broker), list[str](), [await numbers(broker)]
    while len(given) < STEPS:
        request, name = drawn(rng)
        try:
            proposal = await review.propose(request, name)
        except ReviewError:  # graded so already, or retracted
            continue
        assert await numbers(broker) == stands[-1], "proposing changed something"
        await review.confirm(proposal)
        stands.append(await numbers(broker))
        assert announced(proposal, stands[-2]) == stands[-1]
        given.append(name)
    for name in reversed(given):
        proposal = await review.propose(UndoIt(by="EDITOR"), name)
        await review.confirm(proposal)
        after = await numbers(broker)
        assert announced(proposal, stands.pop()) == after == stands[-1]


def announced(proposal: Proposal, before: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """The rows as they were, with what a proposal shows put in."""
    after = before | {(each.projection, each.key): said(each.after) for each in proposal.numbers}
    return {place: row for place, row in after.items() if row is not None}


async def test_confirming_twice_changes_no_number() -> None:
    broker = await told()
    review = Review(broker)
    proposal = await review.propose(RetractIt(by="EDITOR"), "S2-03")
    await review.confirm(proposal)
    once = await numbers(broker)
    await review.confirm(proposal)
    assert await numbers(broker) == once


async def test_who_and_why_are_on_the_log() -> None:
    broker = await told()
    review = Review(broker)
    request = RetractIt(by="VN-MOFA-REVIEWER", reason="source_withdrew")
    receipt = await review.confirm(await review.propose(request, event("S2-03").id[:10]))
    async with History(broker) as history:
        [found] = [each.event async for each in history.events() if each.event.id == receipt.event_id]
    assert (found.data.by, found.data.reason) == ("VN-MOFA-REVIEWER", "source_withdrew")  # type: ignore[union-attr]
    assert found.data.target.id == event("S2-03").id  # type: ignore[union-attr]
