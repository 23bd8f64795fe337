"""A publisher whose broker goes away: it keeps what it may, then says so; what it has receipts for is there, and counts once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest

from incidentlog.client import BufferFull, NotAcknowledged, publisher
from incidentlog.client.kafka import producer
from support.generate import generate
from support.load import Publishing, Supervised
from support.mortal import Mortal
from support.stack import Stack
from support.trials import Trial
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.slow]

#: What the publisher may hold, and what holding it may cost its process beyond that.
EVENTS, CAP = 1_000, 48 << 20


@asynccontextmanager
async def _killed(mortal: Mortal) -> AsyncIterator[None]:
    await mortal.kill()
    try:
        yield
    finally:
        await mortal.start()


@pytest.mark.parametrize("how", ["hangs", pytest.param("is gone", marks=pytest.mark.whole)])
@pytest.mark.fault("P4", "the broker hangs or is gone while events are published", seed=25)
async def test_a_publisher_without_its_broker(
    mortal: Mortal, stack: Stack, trial: Trial, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if not trial.whole:  # nor does the one that gives up take as long to close as it may
        monkeypatch.setattr(publisher, "_AFTER_AN_ERROR", 0.5)
        monkeypatch.setattr(producer, "CLOSE_SECONDS", 0.5)
    down, patience = trial.size((2.5, 1.0), (60.0, 20.0))
    events = list(generate(trial.size(5_000, 60_000), seed=trial.seed, nationalities=20))
    patient = Publishing(stack, events[: len(events) // 2], max_events=EVENTS, patience=90.0)
    hasty = Publishing(stack, events[len(events) // 2 :], max_events=EVENTS, patience=patience)
    async with Supervised(stack):
        running = [asyncio.create_task(each.run(pause=0.05)) for each in (patient, hasty)]
        await until(lambda: min(len(patient.acknowledged), len(hasty.acknowledged)) > 500, 30)
        before = psutil.Process().memory_info().rss
        async with mortal.paused() if how == "hangs" else _killed(mortal):
            trial.injected()
            gone = time.monotonic()
            told = (await asyncio.wait_for(asyncio.gather(running[1], return_exceptions=True), patience + 20))[0]
            await asyncio.sleep(max(0.0, gone + down - time.monotonic()))
            assert not running[0].done()
            grown = psutil.Process().memory_info().rss - before
        assert isinstance(told, BufferFull | NotAcknowledged), told
        assert "publish" in str(told), "it names no next step"
        assert stack.bootstrap in str(told)
        assert grown < CAP, f"{grown / 2**20:.0f} MiB more"
        async with trial.recovery(stack):
            pass
        await running[0]
        assert not patient.unsure
        again = Publishing(stack, hasty.unsure, known=True)
        await again.run()
        await stack.settled()
        await trial.judge(stack, [*patient.acknowledged, *hasty.acknowledged, *again.acknowledged])
