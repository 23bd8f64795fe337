"""A gateway's metrics and health, on a broker in memory and a clock of the test's own: each number is what was planted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.gateway import watching as module
from incidentlog.gateway.tokens import MARK
from incidentlog.gateway.watching import Watching
from support.gateway import TOPICS, Served, articles, filled, listening, served
from support.metrics import named, numbers
from support.poison import poisons
from support.quarantine import append, condemn, registered

RESCUED = "/projections/rescued-by-nationality"
G = "incidentlog_gateway_"


@pytest.fixture
async def here() -> AsyncIterator[Served]:
    async with served(await filled()) as here:
        yield here


def watching(here: Served) -> Watching:
    found: Watching = here.app.state.watching
    return found


async def test_requests_are_counted_by_route_and_status(here: Served) -> None:
    asked = [
        RESCUED,
        f"{RESCUED}/VNM",
        f"{RESCUED}/LAO",
        f"{RESCUED}/VNM/why",
        "/nothing",
        "/p/x?a=1",
        "/projections/none",
    ]
    for path in asked:
        await here.client.get(path)
    await here.client.request("BREW", "/pot")
    await here.client.post("/events", content=b"{}")
    found = numbers(watching(here).metrics())
    told = {(labels, value) for (name, labels), value in found.items() if name == G + "requests_total"}
    plain = {tuple(sorted(dict(labels).items())): value for labels, value in told}
    assert {(dict(key)["method"], dict(key)["route"], dict(key)["code"]): value for key, value in plain.items()} == {
        ("GET", "/projections/{name}", "200"): 1,
        ("GET", "/projections/{name}", "404"): 1,
        ("GET", "/projections/{name}/{key:path}", "200"): 1,
        ("GET", "/projections/{name}/{key:path}", "404"): 1,
        ("GET", "/projections/{name}/{key:path}/why", "200"): 1,
        ("GET", "/p/{name}", "404"): 1,
        ("GET", "none", "404"): 1,
        ("other", "none", "404"): 1,
        ("POST", "/events", "401"): 1,
    }
    assert named(found, G + "request_seconds_count", route="/projections/{name}") == 2
    assert named(found, G + "requests_under_way") == 0


async def test_rows_held_and_streamed_and_dead_letters_are_counted() -> None:
    broker = await filled()
    bad = poisons(next(each for each in registered(50) if each.home == "RescueReported"), TOPICS)
    append(broker, TOPICS, bad)
    assert condemn(broker, TOPICS) == len(bad)
    reasons = Counter(each.reason for each in bad)
    async with served(broker) as here:
        await watching(here).look()
        found = numbers(watching(here).metrics())
        for name, mirror in here.gateway.mirrors.items():
            assert named(found, G + "rows_held", projection=name) == len(mirror.held)
        assert named(found, G + "rows_held", projection="rescued-by-nationality") == 8
        assert {reason: named(found, G + "dead_letters", reason=reason) for reason in reasons} == reasons
        assert named(found, G + "dead_letters") == len(bad)
        assert named(found, G + "lag_records") == named(found, G + "lag_seconds") == 0
        assert named(found, G + "streams") == named(found, G + "stream_rows_total") == 0
        assert named(found, G + "live") == named(found, G + "ready") == 1


async def test_what_a_slow_reader_was_not_sent_is_counted_as_coalesced() -> None:
    broker = await filled()
    async with listening(broker, coalesce=0.3) as (here, url):
        streams = here.gateway.streams
        async with here.client.stream("GET", f"{url}{RESCUED}/events") as stream:
            lines = stream.aiter_lines()
            async for line in lines:
                if line == "event: caught-up":
                    break
            assert (len(streams), streams.rows, streams.coalesced) == (1, 8, 0)
            row = here.gateway.mirrors["rescued-by-nationality"].held["VNM"]
            assert row.value is not None
            for low in (11, 12, 13, 14):
                broker.put(
                    TOPICS.rows("rescued-by-nationality"), "VNM", row.value.replace(b'"low":1000', b'"low":%d' % low)
                )
            async for line in lines:
                if '"low":14' in line:
                    break
        found = numbers(watching(here).metrics())
        sent, left_out = named(found, G + "stream_rows_total"), named(found, G + "stream_rows_coalesced_total")
        assert sent + left_out == 8 + 4
        assert 2 <= left_out <= 3


async def test_what_is_published_is_counted(here: Served) -> None:
    writer = here.app.state.writer
    events = articles()
    await writer.weigh(events, {})
    await writer.publish(events[:5], {})
    found = numbers(watching(here).metrics())
    told = {
        outcome: named(found, "incidentlog_publisher_events_total", outcome=outcome)
        for outcome in ("appended", "known", "refused", "failed")
    }
    assert told == {"appended": 0, "known": 5, "refused": 0, "failed": 0}
    assert named(found, "incidentlog_publisher_waiting_events") == 0


class Clock:
    """Time in the watching module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment, self.now = 1_000.0, 1_700_000_000.0
        monkeypatch.setattr(module, "time", self)

    def monotonic(self) -> float:
        return self.moment

    def time(self) -> float:
        return self.now

    def goes(self, seconds: float) -> None:
        self.moment += seconds
        self.now += seconds


async def test_events_that_nobody_folds_are_told_with_the_age_of_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lag in seconds against a planted timestamp: exactly that many."""
    broker = await filled()
    async with served(broker) as here:
        clock = Clock(monkeypatch)
        topic = TOPICS.events("RescueReported")
        ends = {
            TopicPartition(t, p): broker.log(TopicPartition(t, p)).end
            for t in (*TOPICS.counted, *TOPICS.official)
            for p in range(2)
        }
        broker.commit(TOPICS.group, ends)
        broker.own(TOPICS.group, dict.fromkeys(ends, "worker"))
        records = broker.log(TopicPartition(topic, 1)).records
        records[-2] = replace(records[-2], timestamp=int((clock.now - 90.0) * 1000))
        broker.commit(TOPICS.group, {TopicPartition(topic, 1): records[-2].offset})
        watched = watching(here)
        await watched.look()
        monkeypatch.setattr("incidentlog.gateway.metrics.time", clock)
        found = numbers(watched.metrics())
        assert named(found, G + "unfolded_records") == 2
        assert named(found, G + "unfolded_seconds") == 90.0
        assert named(found, G + "unowned_partitions") == 0
        assert watched.health().ready, "that is the workers' matter"
        broker.own(TOPICS.group, {})
        broker._owners.clear()
        broker.commit(TOPICS.group, ends)
        await watched.look()
        found = numbers(watched.metrics())
        assert named(found, G + "unfolded_records") == named(found, G + "unfolded_seconds") == 0
        assert named(found, G + "unowned_partitions") == len(ends)


async def test_a_gateway_that_stops_reading_is_dead_and_one_without_a_log_is_ready(
    here: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in watching(here)._tasks:
        task.cancel()
    clock = Clock(monkeypatch)
    watched, mirror = watching(here), here.gateway.mirrors["rescued-by-nationality"]
    watched._beat_at = clock.moment
    assert (await here.client.get("/readyz")).status_code == 200
    vector = mirror.vector
    for seconds in (0, 5, 10, 15, 20):
        mirror.vector = (*vector[:-1], vector[-1] - 1)
        assert watched.health().live, seconds
        clock.goes(5)
        watched._beat_at = clock.moment
        await watched.look()
    answer = await here.client.get("/livez")
    assert answer.status_code == 503
    assert answer.json()["why"] == [
        "rescued-by-nationality partition 1 stands still for 20 s, 1 records before the end"
    ]
    mirror.vector = vector
    await watched.look()
    broker = here.broker
    assert isinstance(broker, MemoryBroker)
    broker.available = False
    await watched.look()
    clock.goes(300)
    watched._beat_at = clock.moment
    answer = await here.client.get("/readyz")
    assert (answer.status_code, answer.json()["live"], answer.json()["ready"]) == (200, True, True)
    assert answer.json()["log"].startswith("has not answered for")
    clock.goes(26)
    assert watched.health().why == ("its loop has not run for 26 s",)
    broker.available = True


async def test_metrics_are_for_whoever_may_see_everything() -> None:
    import hashlib

    token = MARK + "x" * 30
    line = f"{hashlib.sha256(token.encode()).hexdigest()} read:full prometheus"
    async with served(await filled(), tokens=line) as here:
        assert (await here.client.get("/metrics")).status_code == 401
        answer = await here.client.get("/metrics", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert b"incidentlog_gateway_rows_held{" in answer.content
        assert b"process_resident_memory_bytes" in answer.content


async def test_asked_to_stop_it_finishes_what_is_under_way_and_begins_nothing_more() -> None:
    broker = await filled()
    async with listening(broker) as (here, url):
        told: list[str] = []
        async with (
            here.client.stream("GET", f"{url}{RESCUED}/events") as stream,
            httpx.AsyncClient(base_url=url) as other,
        ):
            assert (await other.get(RESCUED)).status_code == 200
            body_began, go_on = asyncio.Event(), asyncio.Event()

            async def body() -> AsyncIterator[bytes]:
                yield b"{"
                body_began.set()
                await go_on.wait()
                yield b"}"

            under_way = asyncio.create_task(here.client.post("/events", content=body()))
            await body_began.wait()
            here.app.state.watching.draining = True
            refused = await other.get(RESCUED)
            assert (refused.status_code, refused.headers["retry-after"], refused.headers["connection"]) == (
                503,
                "1",
                "close",
            )
            assert refused.json()["type"].endswith(":stopping")
            probe = await other.get("/readyz")
            assert (probe.status_code, probe.json()["why"]) == (503, ["it was asked to stop"])
            assert (await other.get("/livez")).status_code == 200
            here.gateway.streams.close()
            told += [line async for line in stream.aiter_lines()]
            go_on.set()
            answer: Any = await under_way
            assert answer.status_code == 401, "it was answered, if not as it liked"
        assert told[0] == "retry: 1000", "where to the stream ended as it should: httpx raises for one that breaks off"
