"""Going back to what is committed while partitions are taken away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from incidentlog.worker import engine

ONE, TWO = TopicPartition("t", 1), TopicPartition("t", 2)


class Client:
    """A consumer that loses partitions while it asks what is committed; as aiokafka it raises for what it does not hold."""

    def __init__(self, *left: TopicPartition) -> None:
        self.held, self._left = {ONE, TWO}, set(left)
        self._coordinator = SimpleNamespace(fetch_committed_offsets=self._fetch)
        self.positions: dict[TopicPartition, int] = {}

    def assignment(self) -> set[TopicPartition]:
        return self.held

    async def _fetch(self, _: Any) -> dict[TopicPartition, Any]:
        self.held = self._left
        return {ONE: SimpleNamespace(offset=7, metadata="")}

    def seek(self, tp: TopicPartition, offset: int) -> None:
        assert tp in self.held
        self.positions[tp] = offset

    async def seek_to_beginning(self, *partitions: TopicPartition) -> None:
        for tp in partitions:
            self.seek(tp, 0)


async def test_partitions_taken_away_meanwhile_are_left_alone() -> None:
    for left, positions in (((ONE, TWO), {ONE: 7, TWO: 0}), ((TWO,), {TWO: 0}), ((), {})):
        client = Client(*left)
        await engine._seek_to_committed(client, {})
        assert client.positions == positions
