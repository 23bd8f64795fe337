"""The examples, run as they stand."""

from __future__ import annotations

import ast
import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from incidentlog.schemas.codec import decode
from support.gateway import Served, filled, listening
from support.writing import PUBLISHER, PUBLISHER_LINE, REVIEWER, REVIEWER_LINE

EXAMPLES = Path(__file__).parents[1] / "examples"
ROWS = 8


@pytest.fixture
async def here() -> AsyncIterator[tuple[Served, str]]:
    async with listening(await filled(), tokens=f"{PUBLISHER_LINE};{REVIEWER_LINE}") as served:
        yield served


async def following(url: str, *command: str) -> list[str]:
    """The first lines that a subscriber prints: one for each row there is."""
    program = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "GATEWAY": url}, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert program.stdout is not None
    try:
        async with asyncio.timeout(60):
            return [(await program.stdout.readline()).decode() for _ in range(ROWS)]
    finally:
        os.killpg(program.pid, signal.SIGKILL)  # its session is its own: the shell's pipe as well
        await program.wait()


async def test_a_subscriber_in_python(here: tuple[Served, str]) -> None:
    lines = await following(here[1], sys.executable, str(EXAMPLES / "subscribe.py"))
    assert any(line.split()[-3:] == ["1000", "1000", "None"] for line in lines)


@pytest.mark.curl
async def test_a_subscriber_with_curl(here: tuple[Served, str]) -> None:
    lines = await following(here[1], "sh", str(EXAMPLES / "subscribe.sh"))
    assert any('"key":"VNM","low":1000' in line for line in lines)


@pytest.mark.node
async def test_a_subscriber_in_javascript(here: tuple[Served, str]) -> None:
    lines = await following(here[1], "node", str(EXAMPLES / "subscribe.mjs"))
    assert any(line.split()[-3:] == ["1000", "1000", "null"] for line in lines)


@pytest.mark.parametrize(
    ("name", "ref", "cell"),
    [("produce.py", "B-01", "rescued/VNM/KHM"), ("produce_cloudevent.py", "B-02", "rescued/MYS/KHM")],
)
async def test_a_producer(name: str, ref: str, cell: str, here: tuple[Served, str]) -> None:
    before = await stored(here[0])
    for outcome in ("appended", "known"):
        program = await asyncio.create_subprocess_exec(
            sys.executable, EXAMPLES / name, env={**os.environ, "GATEWAY": here[1], "TOKEN": PUBLISHER},
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(60):
            output, _ = await program.communicate()
        told = ast.literal_eval(output.decode())
        assert [(each["ref"], each["outcome"]) for each in told["events"]] == [(ref, outcome)]
    added = await stored(here[0]) - before
    assert added == {(ref, cell)}


async def test_a_reviewer(here: tuple[Served, str]) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLES / "review.py", env={**os.environ, "GATEWAY": here[1], "TOKEN": REVIEWER},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        output, _ = await program.communicate()
    lines = output.decode().splitlines()
    assert "rescued-by-nationality VNM 1000 -> 810" in lines
    assert lines[-1] == "appended"


async def stored(here: Served) -> set[tuple[str, str]]:
    """Ref and cell of every claim of the log."""
    records = here.broker.records(here.topics.events("RescueReported"))  # type: ignore[attr-defined]
    events = [decode(record.value) for record in records]
    return {(getattr(event.data, "ref", ""), str(event.cell)) for event in events}
