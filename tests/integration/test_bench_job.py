"""The job's benchmark for real, only short: what is measured is right, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from incidentlog.bench.errors import RowsWrong
from incidentlog.bench.job import correct, full, latency, runs
from incidentlog.bench.job.ground import Ground
from incidentlog.bench.load import Load, events
from support.commands import Calls

pytestmark = [pytest.mark.integration, pytest.mark.slow]


async def _left(bootstrap: str, prefix: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return [name for name in await admin.list_topics() if name.startswith(prefix)]
    finally:
        await admin.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """How exact a figure is does not matter here: no wait for a worker that looks for garbage, little warming up."""
    monkeypatch.setattr(runs, "_TEND_SECONDS", 0.1)
    monkeypatch.setattr(latency, "WARM_SECONDS", 1.0)
    yield
    gc.unfreeze()  # what measuring had frozen, in this process


async def test_a_load_is_folded_rightly_and_its_topics_go(bootstrap: str) -> None:
    async with Ground(bootstrap, "bench-short") as ground:
        found = await full.measure(ground, Load.of(1_500), 1, lambda *_: None)
    costs = {figure.what: figure.median for figure in full.figures(found, None)}
    assert 0 < costs["CPU of getmany + orjson"] < costs["CPU"] < costs["wall"] * 4
    assert costs["written to statements"] > 300
    assert await _left(bootstrap, "bench-short") == []


async def test_rows_that_are_not_as_they_should_be_are_no_result(
    bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correct, "events", lambda load: list(events(load))[1:])  # the truth, but for one event
    async with Ground(bootstrap, "bench-wrong") as ground:
        with pytest.raises(RowsWrong, match="rows are not those of its events"):
            await full.measure(ground, Load.of(300), 1, lambda *_: None)


def test_the_command_measures_what_is_asked_for(bootstrap: str, calls: Calls) -> None:
    few = ("--runs", "1", "--only", "latency", "--rate", "50", "--seconds", "1")
    _, *figures = calls.objects("bench", "job", "--bootstrap", bootstrap, *few, "--json")
    assert {figure["part"] for figure in figures} == {"latency"}
    delays = {figure["what"]: figure["median"] for figure in figures if figure["unit"] == "ms"}
    assert 0 < delays["estimate: p50"] <= delays["estimate: p99"]
    assert delays["estimate: p50"] < delays["roll-up: p50"]
    assert asyncio.run(_left(bootstrap, "bench-")) == []


def test_a_part_that_does_not_exist_is_a_wrong_call(calls: Calls) -> None:
    done = calls("bench", "job", "--only", "everything")
    assert done.status == 2
    assert "none of full, hostile" in done.err
