"""Poison on a real broker: beside every number it may touch, everywhere, counts go up; redriven, they go down again."""

from __future__ import annotations

import asyncio
import csv
import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from incidentlog.client import Publisher
from incidentlog.client.kafka import KafkaBroker
from incidentlog.gateway.delivery import Pace
from incidentlog.gateway.notifying import Webhooks
from incidentlog.gateway.webhooks import Hook, Secret
from incidentlog.schemas.codec import encode
from incidentlog.worker import WorkerProcess
from support.articles import event, events
from support.gateway import Served, listening
from support.planted import RESCUED
from support.programs import Program, objects, run, started
from support.receiving import Receiver, receiver
from support.sse import Parser, body, opened
from support.stack import Stack, new_stack

pytestmark = pytest.mark.integration
KEY = b"a secret of thirty-two bytes, ok"
#: What each of the places says while nothing is wrong, and while something waits.
CLEAN, DOUBTED = {"VNM": 0, "*": 0, "MYS": 0}, {"VNM": 1, "*": 1, "MYS": 0}


async def poisoned(stack: Stack) -> None:
    """A claim that is in the log already, once more under a wrong key: redriven, it changes no number."""
    topic = stack.topics.events("RescueReported")
    await stack.append({(topic, 0): [(b"rescued/vnm/khm", encode(event("S2-03")), [])]})


class Lines:
    """The newest count of each row that `watch --json` printed."""

    def __init__(self, program: Program) -> None:
        self.counts: dict[str, int] = {}
        assert program.process.stdout is not None
        self._thread = threading.Thread(target=self._read, args=(program.process.stdout,), daemon=True)
        self._thread.start()

    def _read(self, lines: Any) -> None:
        for line in lines:
            row = orjson.loads(line)
            self.counts[row["key"]] = row.get("dead_letters", -1)


async def streamed(url: str, counts: dict[str, int]) -> None:
    """The newest counts that a stream told, for ever."""
    parser = Parser()
    async with opened(url) as reader:
        async for data in body(reader):
            for each in parser.feed(data):
                if each.name in ("caught-up", "dead-letters"):
                    counts.clear()
                    counts.update({"told": each.data["dead_letters"], **each.data["touched"]})


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - of several programs
            await asyncio.sleep(0.02)


def chosen(counts: dict[str, int]) -> dict[str, int]:
    return {key: counts.get(key, 0) for key in CLEAN}


async def test_counts_go_up_with_poison_and_down_after_redrive_everywhere(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    async with Publisher(bootstrap, topics=stack.topics) as publisher:
        await publisher.publish_all(events())
    where = ("--prefix", stack.topics.prefix)
    async with (
        WorkerProcess(stack.settings(commit_interval=0.05)) as worker,
        listening(KafkaBroker(bootstrap), stack.topics) as (here, url),
        receiver() as taker,
        Webhooks(
            here.gateway, [(Hook(url=taker.url, dead_letters=True, secret_env="S"), Secret(KEY))], Pace(together=0.05)
        ),
    ):
        await stack.settled()
        stream: dict[str, int] = {}
        reading = asyncio.create_task(streamed(f"{url}/projections/{RESCUED}/events", stream))
        with started("watch", RESCUED, "--json", *where, bootstrap=bootstrap) as program:
            lines = Lines(program)
            await until(lambda: "told" in stream and len(lines.counts) >= 8)
            before = await stack.rows()
            for expected in (CLEAN, DOUBTED, CLEAN):
                if expected is DOUBTED:
                    await poisoned(stack)
                elif stream["told"]:
                    done = await asyncio.to_thread(run, "dlq", "redrive", "--all", *where, bootstrap=bootstrap)
                    assert done.returncode == 0, done.stderr
                await until(lambda: chosen(lines.counts) == chosen(stream) == expected)  # noqa: B023 - awaited at once
                assert await _over_http(here) == expected
                assert await asyncio.to_thread(_called, bootstrap, where) == expected
        reading.cancel()
        await stack.settled()
        assert await stack.rows() == before
        await _told(taker)
        assert await worker.stop() == 0, await worker.messages()


async def _over_http(here: Served) -> dict[str, int]:
    """What answers, files and pages say alike."""
    answer = (await here.client.get(f"/projections/{RESCUED}")).json()
    found = chosen({row["key"]: row["dead_letters"] for row in answer["rows"]})
    assert answer["standing"]["quarantined"] == max(found.values())
    table = csv.DictReader((await here.client.get(f"/projections/{RESCUED}?format=csv")).text.splitlines())
    assert chosen({row["key"]: int(row["dead_letters"]) for row in table}) == found
    for key, count in found.items():
        path = f"/projections/{RESCUED}/{key}"
        one, why = (await here.client.get(path)).json(), (await here.client.get(f"{path}/why")).json()
        assert one["row"]["dead_letters"] == why["row"]["dead_letters"] == why["standing"]["quarantined"] == count
        line = (await here.client.get(f"/p/{RESCUED}")).text.split(f'id="row-{RESCUED}-{key}"')[1].split("</tr>")[0]
        assert ("1 event set aside may touch it" in line) is bool(count)
    return found


def _called(bootstrap: str, where: tuple[str, ...]) -> dict[str, int]:
    """What the command line says alike."""
    rows = objects("watch", RESCUED, "--once", "--json", *where, bootstrap=bootstrap)
    found = chosen({row["key"]: row["dead_letters"] for row in rows})
    failing = run("dlq", "list", "--fail", *where, bootstrap=bootstrap)
    assert failing.returncode == max(found.values()), failing.stderr
    return found


async def _told(taker: Receiver) -> None:
    """Once of each change, and signed."""
    await taker.has(2)
    assert [each.told["data"]["open"] for each in taker.messages] == [1, 0]
    assert all(each.signed_with(KEY) for each in taker.messages)
    assert taker.messages[0].told["data"]["touched"][RESCUED] == ["*", "VNM", "XXX"]
