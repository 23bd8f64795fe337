"""What waits for the broker: one open batch per partition, bounded in events and bytes, acknowledged batch by batch.

While a partition's batch is being sent the next one fills, so batches grow with the load and a lone event never waits.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from incidentlog.client.background import cancel
from incidentlog.client.ports import Batch, Headers, Producer, TopicPartition

Settled = Callable[["Parcel"], None]


@dataclass(slots=True, eq=False)
class Parcel:
    """A batch on its way. `acknowledged` becomes its first offset, -1 if unknown; `ids` are its events', in order."""

    partition: TopicPartition
    batch: Batch
    acknowledged: Future[int]
    ids: list[str] = field(default_factory=list)
    size: int = 0
    listeners: list[Settled] = field(default_factory=list)

    @property
    def failure(self) -> BaseException | None:
        """Why it was not acknowledged, once that is decided."""
        return self.acknowledged.exception()

    def offset(self, index: int) -> int | None:
        """The offset of its event number `index`, once acknowledged."""
        first = self.acknowledged.result()
        return first + index if first >= 0 else None


class Outbox:
    """Puts records into batches and sends these in order, each partition for itself."""

    def __init__(self, producer: Producer, max_events: int, max_bytes: int) -> None:
        self._producer = producer
        self._max_events, self._max_bytes = max_events, max_bytes
        self._lanes: dict[TopicPartition, deque[Parcel]] = {}
        self._senders: dict[TopicPartition, asyncio.Task[None]] = {}
        self._under_way: dict[Parcel, None] = {}  # in the order they were sent
        self._moved = asyncio.Event()
        self.events = 0
        self.size = 0
        self.failure: BaseException | None = None
        self.failed: tuple[str, str] | None = None
        """Topic and first event of the parcel that failed first."""

    @property
    def full(self) -> bool:
        """Whether it holds as much as it may."""
        return self.events >= self._max_events or self.size >= self._max_bytes

    def put(
        self, partition: TopicPartition, key: bytes, value: bytes | None, headers: Headers, event_id: str
    ) -> Parcel:
        """The parcel that carries the record, as the last in it. Never waits: look at `full` first."""
        lane = self._lanes.setdefault(partition, deque())
        if not lane or not lane[-1].batch.append(key, value, headers):
            fresh = Parcel(partition, self._producer.batch(), asyncio.get_running_loop().create_future())
            fresh.batch.append(key, value, headers)
            lane.append(fresh)
        parcel, size = lane[-1], len(key) + len(value or b"")
        parcel.ids.append(event_id)
        parcel.size += size
        self.size += size
        self.events += 1
        if partition not in self._senders:
            self._senders[partition] = asyncio.create_task(self._send(partition, lane))
        return parcel

    async def room(self, seconds: float) -> bool:
        """Wait until it is not full; False if it still is after so many seconds without any acknowledgement."""
        while self.full:
            if not await self._movement(seconds):
                return False
        return True

    async def empty(self, seconds: float) -> bool:
        """Wait until everything is acknowledged or has failed; False after so many seconds without any movement."""
        while self.events:
            if not await self._movement(seconds):
                return False
        return True

    async def close(self) -> None:
        """Let go of what was not acknowledged."""
        await cancel(*self._senders.values())
        for parcel in [*self._under_way, *(each for lane in self._lanes.values() for each in lane)]:
            self._settle(parcel, None, ConnectionError("the publisher was closed before the broker answered"))

    def oldest(self) -> Parcel | None:
        """One that has waited longest, if any waits."""
        return next(iter(self._under_way), None) or next((each for lane in self._lanes.values() for each in lane), None)

    async def _movement(self, seconds: float) -> bool:
        moved = self._moved
        try:
            async with asyncio.timeout(seconds):
                await moved.wait()
        except TimeoutError:
            return False
        return True

    async def _send(self, partition: TopicPartition, lane: deque[Parcel]) -> None:
        """Send the lane's parcels one after the other until there are none."""
        while lane:
            parcel = lane.popleft()
            self._under_way[parcel] = None
            try:
                first = await self._producer.send(partition, parcel.batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait for the parcel hear it
                self._settle(parcel, None, error)
            else:
                first.add_done_callback(lambda done, parcel=parcel: self._answered(parcel, done))  # type: ignore[misc]
        del self._senders[partition]

    def _answered(self, parcel: Parcel, done: Future[int]) -> None:
        if done.cancelled():
            self._settle(parcel, None, ConnectionError("given up"))
        elif (error := done.exception()) is not None:
            self._settle(parcel, None, error)
        else:
            self._settle(parcel, done.result(), None)

    def _settle(self, parcel: Parcel, first: int | None, error: BaseException | None) -> None:
        if parcel.acknowledged.done():
            return
        if error is not None:
            if self.failure is None:
                self.failure, self.failed = error, (parcel.partition.topic, parcel.ids[0])
            parcel.acknowledged.set_exception(error)
            parcel.acknowledged.exception()  # whoever waits hears of it; if nobody does, that is no fault
        else:
            parcel.acknowledged.set_result(-1 if first is None else first)
        for listener in parcel.listeners:
            listener(parcel)
        self._under_way.pop(parcel, None)
        self.events -= len(parcel.ids)
        self.size -= parcel.size
        self._moved.set()
        self._moved = asyncio.Event()
