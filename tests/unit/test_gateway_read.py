"""What the gateway answers: rows, claims, timelines; filters, pages, positions, tags; what is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.gateway.app import create_app
from incidentlog.gateway.discretion import today
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.tokens import new_token
from incidentlog.schemas import records
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.schemas.versions import LIVE, encode_live
from incidentlog.topics import apply
from support.contracts import put
from support.gateway import TOPICS, Served, filled, served

RESCUED = "/projections/rescued-by-nationality"
TOKEN, LINE = new_token(["read:full"])


@pytest.fixture
async def broker() -> MemoryBroker:
    return await filled()


@pytest.fixture
async def here(broker: MemoryBroker) -> AsyncIterator[Served]:
    async with served(broker, tokens=LINE) as running:
        yield running


async def got(here: Served, path: str, **headers: str) -> Any:
    answer = await here.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def write(here: Served, projection: str, row: dict[str, Any] | None, key: str = "") -> str:
    """Write a row of a projection as a worker would; where it is."""
    key = row["key"] if row else key
    place = TopicPartition(here.topics.rows(projection), partition_of(key.encode(), here.topics.partitions))
    offset = await put(here.broker, place, (key, None if row is None else orjson.dumps(row)))
    return f"{place.topic}:{place.partition}:{offset}"


async def test_the_eight_rows_and_where_they_stand(here: Served) -> None:
    answer = await got(here, RESCUED)
    bounds = {row["key"]: (row["low"], row["best"], row["high"]) for row in answer["rows"]}
    assert bounds["VNM"] == (1000, 1000, None)
    assert bounds["*"] == (1024, 1024, None)
    assert bounds["IND"] == (0, None, 6)
    assert len(bounds) == answer["total"] == 8
    standing = answer["standing"]
    assert (standing["view"], standing["version"], standing["state"]) == ("public", "v1", "live")
    assert standing["as_of"] == "2022-09-21"
    assert 0 <= standing["age_seconds"] < 60
    assert all(each.startswith("incidentlog.rescued-by-nationality.v1:") for each in standing["position"])


async def test_pages_join_to_the_whole_and_filters_choose(here: Served) -> None:
    whole = [row["key"] for row in (await got(here, "/projections/estimates?limit=1000"))["rows"]]
    paged, after = [], ""
    while after is not None:
        page = await got(here, f"/projections/estimates?limit=7&after={after}")
        paged += [row["key"] for row in page["rows"]]
        after = page["next"]
    assert paged == whole == sorted(whole)
    arrested = await got(here, "/projections/estimates?measure=arrested&place=KHM")
    assert {row["key"] for row in arrested["rows"]} == {"arrested/XXX/KHM", "arrested/XXX/KHM/KH-12"}
    flagged = await got(here, f"{RESCUED}?flag=possible_only")
    assert {row["key"] for row in flagged["rows"]} == {"*", "BGD", "IND", "TWN"}
    assert [row["key"] for row in (await got(here, f"{RESCUED}?nationality=VNM"))["rows"]] == ["VNM"]


async def test_why_names_every_claim_and_what_a_plain_sum_would_say(here: Served) -> None:
    answer = await got(here, f"{RESCUED}/VNM/why")
    claims = {claim["ref"]: claim for claim in answer["claims"]}
    assert claims["S2-03"]["counted"]
    assert "absorbed_by" in claims["S1-03"]["treatment"]
    assert sum(answer["plain_sum"]) > 2000
    assert [each["key"] for each in answer["estimates"]] == ["rescued/VNM/KHM"]
    drilled = await got(here, f"/claims/{claims['S2-03']['id']}")
    assert drilled["claim"]["stated"] == "more than 1000"
    assert drilled["events"][0]["position"].startswith("incidentlog.rescue-reported:")
    assert drilled["evidence"][0]["end"] > drilled["evidence"][0]["start"] >= 0


async def test_timelines_grow_by_days_and_by_what_was_learned(here: Served) -> None:
    answer = await got(here, f"{RESCUED}/VNM/timeline")
    assert [(each["at"], each["low"], each["best"], each["high"]) for each in answer["grown"]][:3] == [
        ("2022-08-25", 450, 500, 550), ("2022-09-06", 540, 600, 660), ("2022-09-21", 1000, 1000, None),
    ]  # fmt: skip
    assert [each["at"] for each in answer["learned"]] == sorted(each["at"] for each in answer["learned"])


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/projections/rescued", 404, "unknown-projection"),
        (f"{RESCUED}/VNN", 404, "unknown-key"),
        (f"{RESCUED}/VNN/why", 404, "unknown-key"),
        ("/projections/official-actions/x/why", 404, "unknown-key"),
        ("/claims/none", 404, "unknown-claim"),
        (f"{RESCUED}?limit=0", 422, "invalid-parameter"),
        (f"{RESCUED}?min_position=here", 400, "bad-position"),
        (f"{RESCUED}?min_position=incidentlog.notes:0:1", 400, "bad-position"),
        ("/nowhere", 404, "not-found"),
    ],
)
async def test_what_is_not_there_is_a_problem(here: Served, path: str, status: int, slug: str) -> None:
    answer = await here.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"].endswith(slug)


async def test_the_nearest_name_is_told(here: Served) -> None:
    assert "did you mean VNM?" in (await here.client.get(f"{RESCUED}/vnm")).json()["detail"]


async def test_a_tag_spares_the_answer_until_something_changes(here: Served) -> None:
    first = await here.client.get(RESCUED)
    tag = first.headers["etag"]
    again = await here.client.get(RESCUED, headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    full = await here.client.get(RESCUED, headers={"if-none-match": tag, "authorization": f"Bearer {TOKEN}"})
    assert full.status_code == 200
    row = next(row for row in first.json()["rows"] if row["key"] == "IND")
    told = {name: row[name] for name in ("projection", "key", "low", "best", "as_of", "flags", "contributions")}
    place = await write(here, "rescued-by-nationality", {**told, "high": 7})
    changed = await here.client.get(f"{RESCUED}?min_position={place}", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert {row["key"]: row["high"] for row in changed.json()["rows"]}["IND"] == 7


async def test_a_position_that_does_not_come_is_a_503(broker: MemoryBroker) -> None:
    async with served(broker, position_seconds=0.05) as here:
        answer = await here.client.get(f"{RESCUED}?min_position=incidentlog.rescued-by-nationality.v1:0:999")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_an_event_is_waited_for_through_both_stages(here: Served) -> None:
    """The fold and the roll-up are played by hand: the answer comes only when the row is there."""
    group, events = here.topics.group, here.topics.events("RescueReported")
    broker = here.broker
    assert isinstance(broker, MemoryBroker)
    asked = asyncio.create_task(here.client.get(f"{RESCUED}/VNM?min_position={events}:0:0"))
    await asyncio.sleep(0.1)
    assert not asked.done()
    contribution = TopicPartition(here.topics.contributions, 0)
    offset = await put(broker, contribution, ("rescued-by-nationality#rescued/VNM/KHM", b"{}"))
    broker.commit(group, {TopicPartition(events, 0): 1})
    await asyncio.sleep(0.1)
    assert not asked.done()
    await write(here, "rescued-by-nationality", {
        "projection": "rescued-by-nationality", "key": "VNM", "low": 1, "best": 1, "high": 1, "as_of": None, "flags": [], "contributions": [],
    })  # fmt: skip
    broker.commit(group, {TopicPartition(events, 0): 1, contribution: offset + 1})
    assert (await asked).json()["row"]["low"] == 1


async def test_versions_switch_at_once_and_rows_that_went_are_gone(here: Served, broker: MemoryBroker) -> None:
    second = replace(here.topics, version="v2")
    await apply(broker, second)
    row = {
        "projection": "rescued-by-nationality",
        "key": "LAO",
        "low": 5,
        "best": 5,
        "high": 5,
        "as_of": None,
        "flags": [],
        "contributions": [],
    }
    place = TopicPartition(second.rows("rescued-by-nationality"), 0)
    await put(broker, place, ("LAO", orjson.dumps(row)))
    await put(broker, TopicPartition(here.topics.versions, 0), (LIVE.decode(), encode_live("v2")))
    await here.until(lambda: all(each.version == "v2" for each in here.gateway.mirrors.values()))
    answer = await got(here, RESCUED)
    assert [row["key"] for row in answer["rows"]] == ["LAO"]
    assert answer["standing"]["version"] == "v2"


async def test_what_is_quarantined_is_counted_where_it_may_matter(here: Served) -> None:
    dead = TopicPartition(here.topics.dead_letters, 0)
    async with here.broker.producer() as producer:
        for number, key in enumerate([b"rescued/VNM/KHM", b"rescued/VNM/KHM", b"nonsense", b"rescued/MYS/LAO"]):
            batch = producer.batch()
            offset = str(max(1, number)).encode()  # the first two are one letter, written twice
            batch.append(key, b"{}", [("topic", b"t"), ("partition", b"0"), ("offset", offset)])
            await (await producer.send(dead, batch))
    await here.until(lambda: here.gateway.quarantine.vector == (4,))
    found = {path: (await got(here, path))["standing"]["quarantined"] for path in
             (RESCUED, f"{RESCUED}/VNM", f"{RESCUED}/MYS", f"{RESCUED}/*", f"{RESCUED}/IND", "/projections/estimates/rescued/VNM/KHM",
              "/projections/requests-by-nationality")}  # fmt: skip
    assert list(found.values()) == [3, 2, 2, 3, 1, 2, 1]
    assert (await got(here, RESCUED))["standing"]["quarantined_unplaced"] == 1


async def test_the_log_may_go_away_while_answers_go_on(here: Served) -> None:
    broker = here.broker
    assert isinstance(broker, MemoryBroker)
    broker.available = False
    await here.until(lambda: here.gateway.mirrors["estimates"].state == "connecting")
    answer = await got(here, f"{RESCUED}/VNM")
    assert answer["row"]["low"] == 1000
    assert (await here.client.get("/healthz")).status_code == 200
    broker.available = True
    await here.until(lambda: here.gateway.mirrors["estimates"].state == "live")


async def test_before_the_log_was_read_there_is_no_answer() -> None:
    app = create_app(GatewaySettings(), MemoryBroker())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as client:
        for path in ("/projections", RESCUED, f"{RESCUED}/events", "/healthz"):
            answer = await client.get(path)
            assert answer.status_code == 503, path


async def test_an_embargo_keeps_a_number_from_the_public_until_its_day(here: Served) -> None:
    """A claim under embargo arrives: the numbers it is counted in are gone for the public, not for a token."""
    cell = "rescued/VNM/KHM"
    statements = here.gateway.claims.of(cell)
    first = statements[0]
    tomorrow = (today() + timedelta(days=2)).isoformat()
    held = first._replace(id="f" * 32, told={**(first.told or {}), "embargo_until": tomorrow})
    place = TopicPartition(here.topics.statements, partition_of(cell.encode(), here.topics.partitions))
    await put(here.broker, place, (f"{cell}#{held.id}", records.dump(held)))
    await here.until(lambda: here.gateway.claims.size(cell) > len(statements))
    for path in (f"{RESCUED}/VNM", f"{RESCUED}/*", f"/projections/estimates/{cell}"):
        assert (await here.client.get(path)).status_code == 404
        assert (await here.client.get(path, headers={"authorization": f"Bearer {TOKEN}"})).status_code == 200
    assert (await here.client.get(f"{RESCUED}/MYS")).status_code == 200


async def test_all_projections_are_listed(here: Served) -> None:
    answer = await got(here, "/projections")
    assert [each["name"] for each in answer["projections"]] == list(PROJECTIONS)
    assert TOPICS.prefix == "incidentlog"
