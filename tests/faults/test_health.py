"""Health while the broker is away: a worker is not ready, but to start it anew would mend nothing."""

from __future__ import annotations

from typing import Any

import pytest

from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.metrics import becomes, health
from support.mortal import Mortal
from support.stack import Stack

pytestmark = pytest.mark.integration
HASTY = """
from incidentlog.client import lookout
from incidentlog.worker import observer
lookout.PATIENCE, observer.LOOK, observer.STILL_SECONDS = 1.0, 0.3, 2.0
from incidentlog.worker.__main__ import main
raise SystemExit(main())
"""


async def test_a_paused_broker(mortal: Mortal, stack: Stack) -> None:
    await stack.publish(generate(500, seed=5))
    async with WorkerProcess(stack.settings(metrics_port=0), program=("-c", HASTY)) as worker:
        await worker.ready()
        await becomes(worker.metrics_url, lambda told: bool(told["ready"]))
        async with mortal.paused():
            away = "the broker has not answered for 4 s"
            told = await becomes(worker.metrics_url, lambda told: away in told["why"], seconds=15)
            assert (told["live"], told["ready"]) == (True, False)
            assert (await health(worker.metrics_url, "livez"))[0] == 200
        seen: list[dict[str, Any]] = []

        def ready(told: dict[str, Any]) -> bool:
            seen.append(told)
            return bool(told["ready"])

        await becomes(worker.metrics_url, ready)
        assert [told for told in seen if not told["live"]] == []
