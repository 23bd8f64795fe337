"""Verdicts over HTTP beside workers on a real broker: the numbers come to what was shown, whoever folded how much by then."""

from __future__ import annotations

import asyncio

import pytest

from incidentlog.client import History, Publisher
from incidentlog.client.kafka import KafkaBroker
from incidentlog.schemas.rows import ESTIMATES
from incidentlog.worker import WorkerProcess
from support.articles import event, sheets
from support.gateway import Served, listening
from support.reviews import ALL, VNM, Numbers, Told, asked, confirm, numbers, propose
from support.stack import Stack, new_stack
from support.writing import REVIEWER_LINE

pytestmark = pytest.mark.integration
NOTE = "The ministry spoke of more than a thousand people."
MYS, CELL = ("missing-by-nationality", "MYS"), ("estimates", "missing/MYS/KHM")
AS_IT_WAS: Numbers = {VNM: (1000, 1000, None), ALL: (1024, 1024, None)}
STEPS: list[tuple[Told, Numbers]] = [
    (asked("retract", all_wordings=True), {VNM: (810, 810, 1138), ALL: (834, 834, None)}),
    (asked("undo"), AS_IT_WAS),
    (asked("grade", "S3-12r", grade="firm"), {VNM: (1038, 1038, None)}),
    (asked("undo", "S3-12r"), AS_IT_WAS),
    (asked("correct", "S4-16", "missing/MYS/KHM", changes={"quantity": "12"}), {MYS: (12, 12, 12), CELL: (12, 12, 12)}),
    (asked("redact"), AS_IT_WAS),
]


async def shown(here: Served, position: str, wanted: Numbers) -> Numbers:
    """The numbers of these keys, once what stands at a position is in them."""
    found: Numbers = {}
    for projection, key in wanted:
        path = f"/projections/{projection}/{key}"
        answer = await here.client.get(path, params={"min_position": position}, timeout=60)
        row = answer.raise_for_status().json()["row"]
        found[projection, key] = row["low"], row["best"], row["high"]
    return found


async def published(stack: Stack) -> None:
    """The articles, with a paraphrase of S2-03."""
    async with Publisher(stack.bootstrap, topics=stack.topics) as publisher:
        for sheet in sheets():
            await publisher.publish_all(sheet.events, notes={event("S2-03").id: NOTE})


async def test_numbers_come_to_what_was_shown(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    await published(stack)
    async with (
        WorkerProcess(stack.settings(commit_interval=0.05)) as worker,
        listening(KafkaBroker(bootstrap), stack.topics, tokens=REVIEWER_LINE, position_seconds=30.0) as (here, _),
    ):
        await stack.settled()
        for body, expected in STEPS:
            proposal = await propose(here.client, body)
            assert expected.items() <= numbers(proposal).items(), body
            await here.until(lambda: here.gateway.claims.notes([event("S2-03").id]))
            answer = await confirm(here.client, proposal)
            assert await shown(here, answer["position"], numbers(proposal)) == numbers(proposal), body
        claim = f"/projections/{ESTIMATES}/rescued/VNM/KHM/why"
        [told] = [each for each in (await here.client.get(claim)).json()["claims"] if each["ref"] == "S2-03"]
        assert told["counted"]
        await _stale_and_twice(here, stack)
        assert await worker.stop() == 0, await worker.messages()
    async with History(bootstrap, topics=stack.topics) as history:
        assert await history.notes() == {}


async def _stale_and_twice(here: Served, stack: Stack) -> None:
    """A proposal that was overtaken is refused; of eight confirmations of one, one is appended."""
    stale = await propose(here.client, asked("grade", "S3-12r", grade="firm"))
    proposal = await propose(here.client, asked("retract", all_wordings=True))
    answers = await asyncio.gather(*(confirm(here.client, proposal) for _ in range(8)))
    assert sorted(each["outcome"] for each in answers) == ["appended"] + ["known"] * 7
    now = (await confirm(here.client, stale, 409))["proposal"]  # folded or not
    assert numbers(now, "before")[VNM] == (810, 810, 1138)
    await shown(here, answers[0]["position"], {VNM: None})
    assert (await propose(here.client, asked("grade", "S3-12r", grade="firm")))["numbers"] == now["numbers"]
    log = [each for each in await stack.log() if proposal["event"]["id"].encode() in each.value]
    assert len(log) == 1
