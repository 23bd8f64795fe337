"""Verdicts over HTTP: shown with their effect, appended once, and only while they would do what was shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from incidentlog.cli.sources import statement_of
from incidentlog.client import History, MemoryBroker, Publisher
from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.gateway import review, reviewing
from incidentlog.projections.lane import Lane
from incidentlog.schemas.contributions import encode_contribution
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from support.articles import event, events
from support.gateway import TOPICS, Served, filled, served
from support.reviews import ALL, AUTHORIZED, CELL, VNM, asked, confirm, numbers, propose
from support.waiting import until
from support.writing import PUBLISHER, PUBLISHER_LINE, REVIEWER_LINE

NOTE = "The ministry spoke of more than a thousand people."


@pytest.fixture
async def here() -> AsyncIterator[Served]:
    """The articles, S2-03 with a paraphrase, behind a gateway that nobody folds for."""
    broker = await filled()
    async with Publisher(broker, topics=TOPICS) as publisher:
        await publisher.publish(event("S2-03"), note=NOTE)
    async with served(broker, tokens=f"{REVIEWER_LINE};{PUBLISHER_LINE}") as found:
        yield found


async def log(broker: Broker) -> list[Event]:
    """All events about claims that the articles have not."""
    known = {each.id for each in events()}
    async with History(broker, topics=TOPICS) as history:
        return [each.event async for each in history.events() if each.event.id not in known]


async def test_a_retraction_is_shown_appended_and_undone(here: Served) -> None:
    proposal = await propose(here.client, asked("retract", all_wordings=True))
    assert await log(here.broker) == []
    assert numbers(proposal, "before") == {("estimates", CELL): (1000, 1000, None), VNM: (1000, 1000, None), ALL: (1024, 1024, None)}  # fmt: skip
    assert numbers(proposal) == {("estimates", CELL): (810, 810, 1138), VNM: (810, 810, 1138), ALL: (834, 834, None)}
    assert all(each["changed"] for each in proposal["numbers"])
    answer = await confirm(here.client, proposal)
    [found] = await log(here.broker)
    assert (answer["event"], answer["outcome"], found.id) == (proposal["event"]["id"], "appended", answer["event"])
    assert (found.data.by, found.data.reason) == ("DATA-DESK", "source_withdrew")  # type: ignore[union-attr]
    assert found.recorded is not None
    back = await propose(here.client, asked("undo"))
    assert (numbers(back, "before"), numbers(back)) == (numbers(proposal), numbers(proposal, "before"))
    await confirm(here.client, back)
    again = await propose(here.client, asked("retract", all_wordings=True))
    assert (numbers(again), again["confirmation"]) == (numbers(proposal), again["confirmation"])
    assert again["confirmation"] != proposal["confirmation"]


VERDICTS: list[tuple[Any, Any]] = [
    (asked("grade", "S3-12r", grade="firm"), {VNM: (1038, 1038, None)}),
    (asked("correct", "S4-16", "missing/MYS/KHM", changes={"quantity": "12"}), {("missing-by-nationality", "MYS"): (12, 12, 12)}),
    (asked("retract", "S4-05a", "arrested/XXX/KHM/KH-18"), {("estimates", "arrested/XXX/KHM"): (156, 156, 215)}),
    (asked("retract", event("S2-03").id, ""), {}),
    (asked("redact"), {VNM: (1000, 1000, None), ALL: (1024, 1024, None)}),
]  # fmt: skip


async def test_each_verdict_does_what_it_shows(here: Served) -> None:
    for body, expected in VERDICTS:
        proposal = await propose(here.client, body)
        assert expected.items() <= numbers(proposal).items(), body
        assert proposal["erases"] == ([event("S2-03").id] if body["verb"] == "redact" else [])
        await confirm(here.client, proposal)
        if body["verb"] != "redact":
            back = await propose(here.client, asked("undo", body["claim"], body["in"]))
            assert numbers(back, "before") == numbers(proposal)
            assert numbers(back) == numbers(proposal, "before")
            await confirm(here.client, back)
    async with History(here.broker, topics=TOPICS) as history:
        assert await history.notes() == {}


async def test_a_correction_may_bring_a_paraphrase(here: Served) -> None:
    text = "The ministry later spoke of twelve people."
    body = asked("correct", "S4-16", "missing/MYS/KHM", changes={"quantity": "12"}, note=text)
    proposal = await propose(here.client, body)
    assert proposal["note"] == text
    await confirm(here.client, proposal | {"note": None}, 409)  # without it, it is another verdict
    await confirm(here.client, proposal)
    async with History(here.broker, topics=TOPICS) as history:
        assert (await history.notes())[event("S4-16").id] == text


async def test_what_was_shown_and_holds_no_more_is_refused_and_what_it_would_do_now_is_shown(here: Served) -> None:
    grade = await propose(here.client, asked("grade", "S3-12r", grade="firm"))
    await confirm(here.client, await propose(here.client, asked("retract", all_wordings=True)))
    refused = await confirm(here.client, grade, 409)
    assert refused["type"] == "urn:incidentlog:problem:effect-changed"
    assert len(await log(here.broker)) == 1
    now = refused["proposal"]
    assert now["event"] == grade["event"]
    assert numbers(now, "before")[VNM] == (810, 810, 1138)
    assert numbers(now) != numbers(grade)
    assert (await confirm(here.client, now))["outcome"] == "appended"


async def test_a_number_that_another_claim_changed_meanwhile_is_noticed(here: Served) -> None:
    """Also in a roll-up of another cell that nobody has folded yet."""
    proposal = await propose(here.client, asked("retract", all_wordings=True))
    others = [
        await propose(here.client, asked("retract", each.id, ""))
        for each in events()
        if str(each.cell) == "rescued/MYS/KHM"
    ]
    await confirm(here.client, next(each for each in others if numbers(each)[ALL] != numbers(each, "before")[ALL]))
    now = (await confirm(here.client, proposal, 409))["proposal"]
    assert numbers(now)[VNM] == numbers(proposal)[VNM]
    assert numbers(now)[ALL] != numbers(proposal)[ALL]


async def folded(broker: MemoryBroker) -> None:
    """As workers do: what cells contribute to roll-ups, and that everything was folded."""
    lane = Lane()
    for cell, statement in map(statement_of, events()):
        lane.add(cell, statement)
    for key, contribution in lane.take_changed().contributions.items():
        place = TopicPartition(TOPICS.contributions, partition_of(contribution.projection.encode(), TOPICS.partitions))
        broker.append(place, [(key.encode(), encode_contribution(contribution), ())])
    places = [
        TopicPartition(name, number)
        for name in (*TOPICS.counted, *TOPICS.official)
        for number in range(TOPICS.partitions)
    ]
    broker.commit(TOPICS.group, {place: broker.log(place).end for place in places})


async def test_what_workers_have_folded_is_taken_from_them(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [asked("retract", each.id, "") for each in events()[::9]]
    before = [await propose(here.client, body) for body in bodies]
    assert isinstance(here.broker, MemoryBroker)
    await folded(here.broker)
    with monkeypatch.context() as patch:
        patch.setattr(here.gateway.claims, "of", None)  # nothing is folded again
        after = [await propose(here.client, body) for body in bodies]
    assert [each["numbers"] for each in after] == [each["numbers"] for each in before]
    assert sum(any(number["changed"] for number in each["numbers"]) for each in after) > 2


async def test_confirmed_twice_it_is_appended_once(here: Served) -> None:
    proposal = await propose(here.client, asked("retract"))
    answers = await asyncio.gather(*(confirm(here.client, proposal) for _ in range(5)))
    assert sorted(each["outcome"] for each in answers) == ["appended"] + ["known"] * 4
    assert len({each["position"] for each in answers}) == 1
    await confirm(here.client, await propose(here.client, asked("undo")))
    assert (await confirm(here.client, proposal))["outcome"] == "known"  # whatever came after it
    assert len(await log(here.broker)) == 2


async def test_another_gateway_knows_what_was_confirmed(here: Served) -> None:
    proposal = await propose(here.client, asked("redact"))
    async with served(here.broker, tokens=REVIEWER_LINE) as other:
        await propose(other.client, asked("retract"))
        await confirm(here.client, proposal)
        assert (await confirm(other.client, proposal))["outcome"] == "known"
    assert len(await log(here.broker)) == 1


REFUSED: list[tuple[Any, int, str]] = [
    (asked("retract", "S9-99"), 404, "unknown-claim"),
    (asked("retract", "S2-03", "rescued/MYS/KHM"), 404, "unknown-claim"),
    (asked("retract", "S2-03", "nothing/MYS/KHM"), 404, "unknown-claim"),
    (asked("retract", "S2-03", ""), 404, "unknown-claim"),
    (asked("retract", "0" * 32, ""), 404, "unknown-claim"),
    (asked("retract", "S2-03", "rescued"), 422, "invalid-value"),
    (asked("retract") | {"by": "ANNA-DESK"}, 422, "verdict-refused"),
    (asked("retract") | {"reason": "undo"}, 422, "invalid-parameter"),
    (asked("retract") | {"verb": "delete"}, 422, "invalid-parameter"),
    (asked("retract") | {"more": 1}, 422, "invalid-parameter"),
    (asked("grade", grade="sure"), 422, "invalid-parameter"),
    (asked("grade", grade="firm"), 409, "already-so"),
    (asked("undo"), 409, "nothing-to-undo"),
    (asked("correct", changes={"quantity": "some"}), 422, "verdict-refused"),
    (asked("correct", changes={"window": 5}), 422, "verdict-refused"),
    (asked("correct", changes={"quantity": "12"}, note="Anna Example was found."), 422, "verdict-refused"),
    ([], 422, "invalid-parameter"),
]  # fmt: skip


async def test_what_cannot_be_is_a_problem(here: Served) -> None:
    for body, status, slug in REFUSED:
        told = await propose(here.client, body, status)
        assert told["type"] == f"urn:incidentlog:problem:{slug}", told
    assert await log(here.broker) == []


async def test_what_cannot_be_confirmed_is_a_problem(here: Served) -> None:
    proposal = await propose(here.client, asked("retract"))

    data = proposal["event"]["data"]
    cases: list[tuple[Any, int, str]] = [
        (proposal | {"confirmation": "0" * 64}, 409, "effect-changed"),
        (proposal | {"confirmation": "x"}, 422, "invalid-parameter"),
        (proposal | {"event": {}}, 400, "not-an-event"),
        (proposal | {"event": proposal["event"] | {"id": "0" * 32}}, 409, "effect-changed"),
        (proposal | {"event": proposal["event"] | {"data": {**data, "by": "ANNA"}}}, 422, "verdict-refused"),
        (proposal | {"event": proposal["event"] | {"data": {k: v for k, v in data.items() if k != "by"}}}, 422, "verdict-refused"),
        (proposal | {"event": proposal["event"] | {"data": {**data, "target": {**data["target"], "id": "0" * 32}}}}, 404, "unknown-claim"),
        (proposal | {"event": proposal["event"] | {"id": event("S2-03").id}}, 409, "id-conflict"),
    ]  # fmt: skip
    for body, status, slug in cases:
        told = await confirm(here.client, body, status)
        assert told["type"] == f"urn:incidentlog:problem:{slug}", told
    assert await log(here.broker) == []


async def test_only_a_token_for_it_may_review_and_it_is_noted(here: Served, caplog: pytest.LogCaptureFixture) -> None:
    bodies = {"/review/proposals": asked("retract"), "/review/verdicts": {}}
    for path, body in bodies.items():
        assert (await here.client.post(path, json=body)).status_code == 401
        other = await here.client.post(path, json=body, headers={"authorization": f"Bearer {PUBLISHER}"})
        assert (other.status_code, other.json()["scope"]) == (403, "review")
    caplog.set_level(logging.INFO, "incidentlog.access")
    answer = await confirm(here.client, await propose(here.client, asked("retract")))
    assert [each.getMessage() for each in caplog.records if each.name == "incidentlog.access"] == [
        "desk: POST /review/proposals",
        "desk: POST /review/verdicts",
        f"desk: ClaimRetracted {answer['event']} in {CELL}, appended",
    ]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"{", "application/json", 400), (b"{}", "text/plain", 415), (b" " * (review.LARGEST + 1), "application/json", 413)],
)  # fmt: skip
async def test_bodies_are_small_and_json(here: Served, content: bytes, kind: str, status: int) -> None:
    for path in ("/review/proposals", "/review/verdicts"):
        answer = await here.client.post(path, content=content, headers=AUTHORIZED | {"content-type": kind})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_no_more_than_a_few_wait_for_their_turn(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "_WAITING", 2)
    async with here.app.state.reviewing._turn:
        sent = [
            asyncio.create_task(here.client.post("/review/proposals", json=asked("retract"), headers=AUTHORIZED))
            for _ in range(6)
        ]
        await until(lambda: sum(each.done() for each in sent) == 4)
    answers = await asyncio.gather(*sent)
    assert sorted(each.status_code for each in answers) == [200, 200, 503, 503, 503, 503]
    assert all("retry-after" in each.headers for each in answers if each.status_code == 503)


async def test_a_log_that_takes_too_long_is_a_problem_for_now(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = await propose(here.client, asked("retract"))
    monkeypatch.setattr(reviewing, "_PATIENCE", 0.0)
    for told in (await propose(here.client, asked("retract"), 503), await confirm(here.client, proposal, 503)):
        assert told["type"] == "urn:incidentlog:problem:took-too-long"
    assert await log(here.broker) == []


async def test_who_waits_too_long_for_a_turn_is_told_to_come_again(
    here: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "_PATIENCE", 0.05)
    async with here.app.state.reviewing._turn:
        told = await propose(here.client, asked("retract"), 503)
    assert told["type"] == "urn:incidentlog:problem:too-busy"
