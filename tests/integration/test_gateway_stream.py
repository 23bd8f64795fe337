"""Streams on a real broker, under load: cut off anywhere and resumed, here or at another gateway, nothing is missed."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from incidentlog.client.kafka import KafkaBroker
from incidentlog.gateway.tokens import new_token
from incidentlog.worker import WorkerProcess
from support.gateway import Served, listening
from support.generate import generate
from support.sse import Folder, read
from support.stack import Stack, new_stack

pytestmark = [pytest.mark.integration, pytest.mark.slow]
#: So many under --whole.
CUTS, WHOLE_CUTS = 80, 1000
PROJECTIONS = ("estimates", "rescued-by-nationality", "arrests-by-place", "official-actions")


async def publish(stack: Stack, seed: int, stop: asyncio.Event) -> int:
    """Events by and by, until told to stop."""
    events = iter(generate(40_000, seed=seed, nationalities=12, hosts=3))
    count = 0
    while not stop.is_set():
        count += await stack.publish([next(events) for _ in range(20)])
        await asyncio.sleep(0.05)
    return count


async def same(here: Served, folder: Folder, url: str, headers: str) -> None:
    """What a reader has in the end is what the gateway shows."""
    async with asyncio.timeout(60):
        while True:
            await read(url, folder, headers=headers)
            token = headers.partition(": ")[2].strip()
            answer = await here.client.get(
                url.removesuffix("/events"), params={"limit": 1000}, headers={"authorization": token} if token else {}
            )
            shown = {row["key"]: row for row in answer.json()["rows"]}
            if answer.json()["total"] > len(shown):
                pytest.fail("more rows than a page holds")
            if {key: _known(row) for key, row in folder.rows.items()} == {
                key: _known(row) for key, row in shown.items()
            }:
                return


def _known(row: dict[str, object]) -> dict[str, object]:
    """A row without what is only said of it when there is something to say, and what whoever answers counts beside it."""
    return {
        name: value
        for name, value in row.items()
        if value is not None and value is not False and name != "dead_letters"
    }


@pytest.mark.parametrize("seed", [7])
async def test_cut_off_anywhere_a_stream_goes_on_without_gap_or_repetition(
    bootstrap: str, seed: int, pytestconfig: pytest.Config
) -> None:
    cuts = WHOLE_CUTS if pytestconfig.getoption("--whole") else CUTS
    chance = random.Random(seed)
    stack = await new_stack(bootstrap)
    token, line = new_token(["read:full"])
    full = f"authorization: Bearer {token}\r\n"
    broker, stop = KafkaBroker(bootstrap), asyncio.Event()
    async with (
        WorkerProcess(stack.settings(commit_interval=0.1)) as worker,
        listening(broker, stack.topics, tokens=line) as (one, first),
        listening(broker, stack.topics, tokens=line) as (_, second),
    ):
        await worker.ready()
        publishing = asyncio.create_task(publish(stack, seed, stop))
        readers = {
            (name, headers, hops): Folder() for name in PROJECTIONS for headers in ("", full) for hops in (False, True)
        }
        for _ in range(cuts):
            (name, headers, hops), folder = chance.choice(list(readers.items()))
            gateway = chance.choice((first, second)) if hops else first
            budget, seconds = int(chance.expovariate(1 / 4000)) + 1, chance.random() / 4
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await read(f"{gateway}/projections/{name}/events", folder, budget, headers=headers)
        stop.set()
        assert await publishing > 200
        await stack.settled()
        for (name, headers, _), folder in readers.items():
            await same(one, folder, f"{first}/projections/{name}/events", headers)
    assert sum(folder.events for folder in readers.values()) > cuts
    # What is seen of the other gateway may be reset, or told twice if it is cut off before it has caught up.
    assert sum(folder.resets for folder in readers.values()) < cuts / 4
    staying = [folder for (_, _, hops), folder in readers.items() if not hops]
    assert sum(folder.resets for folder in staying) == 0
    assert [event for folder in staying for event in folder.repeated] == []
