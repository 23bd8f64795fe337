"""Dead letters beside every number that they may touch: they come and go while rows stay as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.gateway import doubts
from incidentlog.quarantine import letters, redrive
from incidentlog.schemas.registers import builtin
from support.gateway import TOPICS, Served, filled, listening, served
from support.planted import RESCUED, TOUCHED, UNTOUCHED, plant, plant_unreadable
from support.sse import Event, Parser, body, opened

PATHS = {f"/projections/{RESCUED}/VNM": 1, f"/projections/{RESCUED}/*": 1, f"/projections/{RESCUED}/MYS": 0,
         f"/projections/estimates/{TOUCHED}": 1, f"/projections/estimates/{UNTOUCHED}": 0}  # fmt: skip


@pytest.fixture
async def here() -> AsyncIterator[Served]:
    async with served(await filled()) as found:
        yield found


async def got(here: Served, path: str) -> Any:
    return (await here.client.get(path)).raise_for_status().json()


async def open_letters(here: Served, count: int) -> None:
    await here.until(lambda: here.gateway.quarantine.standing.open == count)


async def redriven(here: Served) -> None:
    """All letters, redriven."""
    await redrive(here.broker, TOPICS, builtin(), await letters(here.broker, TOPICS))


async def counts(here: Served) -> dict[str, int]:
    """What each path says, of the row and of its standing alike."""
    found = {}
    for path in PATHS:
        answer, why = await got(here, path), await got(here, f"{path}/why")
        said = {answer["row"]["dead_letters"], answer["standing"]["quarantined"], why["row"]["dead_letters"]}
        [found[path]] = said
        named = {row["key"]: row["dead_letters"] for row in (await got(here, path.rpartition("/")[0] if RESCUED in path else "/projections/estimates"))["rows"]}  # fmt: skip
        assert named[answer["row"]["key"]] == found[path]
    return found


async def test_counts_go_up_and_down_beside_the_rows_they_may_touch(here: Served) -> None:
    before = {path: (await got(here, path))["row"] for path in PATHS}
    assert await counts(here) == dict.fromkeys(PATHS, 0)
    await plant(here.broker, TOPICS)
    await plant(here.broker, TOPICS)  # written twice it is one
    await open_letters(here, 1)
    assert await counts(here) == PATHS
    assert {path: (await got(here, path))["row"] | {"dead_letters": 0} for path in PATHS} == before
    await redriven(here)
    await open_letters(here, 0)
    assert await counts(here) == dict.fromkeys(PATHS, 0)


async def test_a_reader_who_has_an_answer_is_told_that_letters_changed(here: Served) -> None:
    path = f"/projections/{RESCUED}/VNM"
    tags = set()
    for count in (0, 1, 0):
        await (plant(here.broker, TOPICS) if count else redriven(here))
        await open_letters(here, count)
        tags.add((await here.client.get(path)).headers["etag"])
    assert len(tags) == 3


async def test_files_say_it_in_each_line(here: Served) -> None:
    await plant(here.broker, TOPICS)
    await open_letters(here, 1)
    table = (await here.client.get(f"/projections/{RESCUED}?format=csv")).text
    head, *lines = [line.split(",") for line in table.splitlines()]
    at, key = head.index("dead_letters"), head.index("key")
    assert {line[key]: line[at] for line in lines if line[key] in ("VNM", "*", "MYS")} == {
        "VNM": "1",
        "*": "1",
        "MYS": "0",
    }
    rows = [
        orjson.loads(line)
        for line in (await here.client.get(f"/projections/{RESCUED}?format=jsonl")).text.splitlines()[1:]
    ]
    assert {row["key"]: row["dead_letters"] for row in rows}["VNM"] == 1


async def test_pages_say_it_beside_each_number(here: Served) -> None:
    said = "1 event set aside may touch it"
    for page in ("/", f"/p/{RESCUED}", "/p/estimates"):
        assert said not in (await here.client.get(page)).text
    await plant(here.broker, TOPICS)
    await open_letters(here, 1)
    for page, rows in (("/", ["*", "VNM", "QMF"]), (f"/p/{RESCUED}", ["*", "VNM"]), ("/p/estimates", [TOUCHED])):
        text = (await here.client.get(page)).text
        marked = {each.split('"')[0] for each in text.split('id="row-')[1:] if said in each.split("</tr>")[0]}
        assert marked <= {f"{RESCUED}-{key}" for key in rows} | {f"estimates-{key}" for key in rows}
        assert marked
    await redriven(here)
    await open_letters(here, 0)
    assert said not in (await here.client.get(f"/p/{RESCUED}")).text


async def test_a_stream_tells_when_counts_change(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = await filled()
    async with listening(broker) as (here, url):
        events = following(f"{url}/projections/{RESCUED}/events")
        first = await anext(events)
        assert (first.name, first.data["dead_letters"], first.data["touched"]) == ("caught-up", 0, {})
        await plant(broker, TOPICS)
        told = await anext(events)
        assert (told.name, told.id, told.data["dead_letters"]) == ("dead-letters", first.id, 1)
        assert {key: told.data["touched"].get(key, 0) for key in ("VNM", "*", "MYS")} == {"VNM": 1, "*": 1, "MYS": 0}
        late = await anext(following(f"{url}/projections/{RESCUED}/events"))
        assert late.data["touched"] == told.data["touched"]
        await plant_unreadable(broker, TOPICS)
        told = await anext(events)
        assert (told.data["dead_letters"], told.data["touched"]["VNM"], told.data["touched"]["MYS"]) == (2, 2, 1)
        monkeypatch.setattr(doubts, "MOST", 1)
        await redriven(here)  # what cannot be read stays
        told = await anext(events)
        assert (told.data["dead_letters"], told.data["touched"]) == (1, None)


async def following(url: str) -> AsyncIterator[Event]:
    """The events of a stream that are no rows."""
    parser = Parser()
    async with opened(url) as reader:
        async for data in body(reader):
            for each in parser.feed(data):
                if each.name != "row":
                    yield each


async def test_letters_of_one_key_are_all_counted_after_a_break(here: Served) -> None:
    for number in range(3):
        await plant(here.broker, TOPICS, number)
    await open_letters(here, 3)
    quarantine = here.gateway.quarantine
    follow = asyncio.create_task(quarantine._follow())  # as after a break: everything is read anew
    try:
        await quarantine.moved()
        assert quarantine.standing.open == 3
    finally:
        follow.cancel()


async def test_without_a_topic_for_what_was_redriven_there_are_answers_all_the_same() -> None:
    broker = await filled()
    assert isinstance(broker, MemoryBroker)
    broker.delete([TOPICS.redriven])
    async with served(broker) as here:
        assert (await here.client.get("/healthz")).status_code == 200
