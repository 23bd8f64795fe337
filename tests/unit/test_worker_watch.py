"""Watching, while the cluster says nothing: a worker that is let in no more must hear of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka.errors import NodeNotReadyError

from incidentlog.worker import watch
from incidentlog.worker.errors import NotLetIn


class Cluster:
    """Answers as `answer` does; `asked` counts how often whether this worker is let in was asked."""

    def __init__(self, answer: Callable[[], Awaitable[Any]], *, lets_in: int) -> None:
        self.topics, self._lets_in, self.asked = answer, lets_in, 0

    async def entering(self) -> NotLetIn | None:
        self.asked += 1
        return NotLetIn(RuntimeError("it does not")) if self.asked > self._lets_in else None


async def away() -> Any:
    raise NodeNotReadyError


async def silent() -> Any:
    await asyncio.Event().wait()


@pytest.mark.parametrize("answer", [away, silent])
async def test_who_is_let_in_no_more_hears_of_it(
    answer: Callable[[], Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_EVERY", 0.001)
    monkeypatch.setattr(watch, "_PATIENCE", 0.01)
    cluster = Cluster(answer, lets_in=3)
    async with asyncio.timeout(5):
        with pytest.raises(NotLetIn, match="it does not"):
            await watch.watch(cluster, {"topic": "id"}, {"topic": 1}, cluster.entering)
    assert cluster.asked == 4
