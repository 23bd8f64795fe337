"""Following topics across broker restarts: the positions are ours, so no gap and no group."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Literal

from incidentlog.client.errors import BrokerUnreachable, TopicMissing
from incidentlog.client.ports import Broker, Reader, Record, TopicPartition
from incidentlog.client.reading import partitions_of

#: connecting: no broker; catching_up: not yet where the topic ended when the connection was made; live: past that.
State = Literal["connecting", "catching_up", "live"]

_WAIT = 0.25
_QUIET = 1.0
_PROBE = 2.0
_GRACE = 15.0
_BACK_OFF = (0.05, 2.0)


class Following:
    """Chunks of a topic's records, forever; `state` says where it stands.

    It begins at the topic's start; `aside` are places elsewhere that are followed as well, each from its offset.

    After a second without records the broker is asked whether it is still there; when it does not answer, a new connection
    is made and reading resumes at the positions reached.
    """

    def __init__(
        self,
        broker: Broker,
        topic: str,
        on_state: Callable[[State], None] | None = None,
        aside: Mapping[TopicPartition, int] | None = None,
    ) -> None:
        self._broker, self._topic, self._on_state = broker, topic, on_state
        self._stack = AsyncExitStack()
        self._reader: Reader | None = None
        self._positions: dict[TopicPartition, int] = dict(aside or {})
        self._ends: dict[TopicPartition, int] = {}
        self._heard = 0.0
        self.state: State = "connecting"

    async def connect(self) -> None:
        """Open a reader at the positions reached; TopicMissing or BrokerUnreachable if that cannot be."""
        async with AsyncExitStack() as stack:
            reader = await stack.enter_async_context(self._broker.reader())
            topics = {self._topic, *(each.topic for each in self._positions)}
            partitions = await partitions_of(reader, topics)
            starts = await reader.start_offsets(partitions)
            self._ends = await reader.end_offsets(partitions)
            self._positions = {each: self._positions.get(each, starts[each]) for each in partitions}
            reader.assign(self._positions)
            self._reader, self._stack = reader, stack.pop_all()
        self._heard = time.monotonic()
        self._become("catching_up")

    async def close(self) -> None:
        """Close the connection."""
        self._reader = None
        await self._stack.aclose()

    @property
    def positions(self) -> Mapping[TopicPartition, int]:
        """The next offset to read of each partition that is followed."""
        return self._positions

    @property
    def ends(self) -> Mapping[TopicPartition, int]:
        """Where each partition that is followed ended when the connection was made."""
        return self._ends

    def position(self, partition: TopicPartition) -> int:
        """The next offset to read of a partition that is followed."""
        return self._positions[partition]

    def settle(self) -> None:
        """Become live if the position has reached the end; call it when all that was returned has been dealt with."""
        if self.state == "catching_up" and all(self._positions[each] >= end for each, end in self._ends.items()):
            self._become("live")

    async def chunk(self) -> Sequence[Record]:
        """The next records of one or more partitions; empty now and then, when there are none."""
        try:
            reader = await self._connected()
            found = await reader.fetch(_WAIT)
            for partition in self._positions:
                self._positions[partition] = await reader.position(partition)
            if found:
                self._heard = time.monotonic()
            elif time.monotonic() - self._heard > _QUIET:
                async with asyncio.timeout(_PROBE):
                    await reader.end_offsets(self._positions)
                self._heard = time.monotonic()
        except (BrokerUnreachable, TimeoutError):
            self._become("connecting")
            await self.close()
            return []
        return [record for records in found.values() for record in records]

    async def _connected(self) -> Reader:
        pause, longest = _BACK_OFF
        lost = time.monotonic()
        while self._reader is None:
            try:
                await self.connect()
            except (BrokerUnreachable, TopicMissing) as error:
                if isinstance(error, TopicMissing) and time.monotonic() - lost > _GRACE:
                    raise  # a broker that has just started may not know its topics yet, but soon
                await asyncio.sleep(pause)
                pause = min(pause * 2, longest)
        return self._reader

    def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)
