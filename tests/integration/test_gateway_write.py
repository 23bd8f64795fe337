"""Events over HTTP into a real broker, by stock CloudEvents software."""

from __future__ import annotations

import asyncio

import orjson

from incidentlog.client import History
from incidentlog.client.connect import broker_at
from incidentlog.schemas.codec import decode
from incidentlog.schemas.events import claimed
from support.examples import example
from support.stack import new_stack
from support.writing import SHEET, app_of, binary, client_of, send, send_batch, structured

RESCUE = example("RescueReported")
RAID, ARREST = (
    claimed(f"https://example.org/{name}", example(name).data)  # type: ignore[arg-type]
    for name in ("RaidConducted", "ArrestMade")
)


async def test_what_stock_software_sends_is_in_the_log_once(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    async with app_of(broker_at(bootstrap), stack.topics) as app, client_of(app) as client:
        first = await asyncio.gather(*(send(client, mode(RESCUE)) for mode in (structured, binary) for _ in range(5)))
        batch = await send_batch(client, RAID, ARREST, RAID)
        sheet = await client.post("/events", content=SHEET, headers={"content-type": "application/yaml"})
    assert sorted(each.json()["events"][0]["outcome"] for each in first) == ["appended"] + ["known"] * 9
    assert [each["outcome"] for each in batch.json()["events"]] == ["appended", "appended", "known"]
    positions = [each["position"] for answer in (*first, batch, sheet) for each in answer.json()["events"]]
    async with app_of(broker_at(bootstrap), stack.topics) as app, client_of(app) as client:
        again = await send_batch(client, RESCUE, RAID, ARREST)
        conflict = await client.post(
            "/events", content=SHEET.replace("1000", "2000"), headers={"content-type": "text/yaml"}
        )
    assert again.json()["known"] == 3
    assert conflict.status_code == 422
    assert conflict.json()["events"][0]["problem"]["type"].endswith(":id-conflict")
    async with History(bootstrap, topics=stack.topics) as history:
        found = {
            f"{each.topic}:{each.partition}:{each.offset}": decode(each.value or b"")
            async for each in history.records()
        }
    assert set(found) == set(filter(None, positions))
    assert [event for event in found.values() if event.source == RESCUE.source and event == RESCUE]
    assert len(found) == 5


async def test_a_log_without_its_topics_is_a_problem_for_now(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    missing = type(stack.topics)(prefix=f"{stack.topics.prefix}-missing")
    async with app_of(broker_at(bootstrap), missing) as app, client_of(app) as client:
        answer = await send(client, structured(RESCUE))
    assert (answer.status_code, orjson.loads(answer.content)["type"]) == (
        503,
        "urn:incidentlog:problem:log-unavailable",
    )
    assert "missing" not in answer.text
