"""The product's consumer on the simulated broker: acknowledging, committing, seeking and waiting are its own and Faust's."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from faust.types.tuples import TP

from incidentlog.worker import engine
from simulation.group import Committed
from simulation.network import here
from simulation.stubs import Bystanders, Quiet
from simulation.world import TOPICS

if TYPE_CHECKING:
    from simulation.app import App

_FOLDED = (*TOPICS.counted, *TOPICS.official, TOPICS.contributions)
_COMMIT_EVERY = 0.5


class Consumer(engine.Consumer):
    """One for the life of an app."""

    crashed = should_stop = False
    loop: Any = None
    log: Any = None
    diag: Any = None

    def __init__(self, app: App) -> None:  # Faust's own would open a thread
        self.app, self._broker = app, app.broker
        self.loop, self.log, self.diag = app.loop, Quiet(), Bystanders()
        self.in_transaction = False
        self.scheduler = engine.ChunkScheduler()
        self._acked: Any = defaultdict(list)
        self._acked_index: Any = defaultdict(set)
        self._gap: Any = {}
        self._read_offset: Any = defaultdict(lambda: None)
        self._committed_offset: Any = defaultdict(lambda: None)
        self._unacked_messages: Any = WeakSet()
        self._waiting_for_ack = self._commit_fut = None
        self._n_acked = 0
        self._active_partitions: Any = None
        self._paused_partitions: Any = set()
        self._buffered_partitions: Any = set()
        self.can_resume_flow, self.suspend_flow = asyncio.Event(), asyncio.Event()
        self.flow_active = True
        self._on_partitions_revoked = app._on_partitions_revoked
        self._on_partitions_assigned = app._on_partitions_assigned
        self._acknowledged = asyncio.Event()
        self._thread: Any = Client(app)

    def assign(self, generation: int, numbers: Iterable[int]) -> set[TP]:
        """What the group has given: nothing is fetched yet, so it is read from the committed offsets."""
        assigned = {TP(topic, number) for number in numbers for topic in _FOLDED}
        self._thread.begin(generation, assigned)
        return assigned

    def give_up(self) -> None:
        """The process is dead: Faust's waiting for acknowledgements, which no cancelling ends, is over."""
        self.should_stop = True

    async def commit_forever(self) -> None:
        """As Faust's timer does, but asleep while there is nothing to commit."""
        while True:
            await self._acknowledged.wait()
            self._acknowledged.clear()
            now = self.loop.time()
            await asyncio.sleep(_COMMIT_EVERY - now % _COMMIT_EVERY)
            await self.commit()

    def ack(self, message: Any) -> bool:
        self._acknowledged.set()
        done: bool = super().ack(message)
        return done

    async def fetch_forever(self) -> None:
        """As Faust's fetcher drains the client: chunk by chunk into the streams, until the flow is stopped."""
        while True:
            if not self.flow_active:
                await self.can_resume_flow.wait()
            active = self._get_active_partitions()
            if not active:
                await asyncio.sleep(1.0)
                continue
            records = await self._thread.getmany(active)
            generation = self.app.consumer_generation_id
            if not self.flow_active:
                await self.perform_seek()
                continue
            for tp, record in self.scheduler.iterate(records):
                if not self.flow_active or self.app.consumer_generation_id != generation:
                    break
                if tp in active:
                    await self._hand_over(tp, record)

    async def _hand_over(self, tp: TP, record: Any) -> None:
        already = self._read_offset[tp]
        if already is not None and record.offset < already:
            return
        message = self._to_message(tp, record)
        message.incref(1)
        if self.app.deliver_at_once(message):
            self._read_offset[tp] = record.offset
            return
        delivering = asyncio.ensure_future(self.app.deliver(message))
        suspended = asyncio.ensure_future(self.suspend_flow.wait())
        try:
            await asyncio.wait([delivering, suspended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            delivering.cancel()
            suspended.cancel()
        self._read_offset[tp] = record.offset


class Client:
    """What stands in for the thread with aiokafka's client: positions, fetches, and the group's offsets."""

    def __init__(self, app: App) -> None:
        self._app, self._broker, self._process = app, app.broker, here()
        self._generation = 0
        self._assignment: set[TP] = set()
        self._positions: dict[TP, int] = {}
        self._coordinator = SimpleNamespace(fetch_committed_offsets=self._fetch_committed)

    def begin(self, generation: int, assignment: set[TP]) -> None:
        self._generation, self._assignment, self._positions = generation, assignment, {}

    def assignment(self) -> set[TP]:
        return set(self._assignment)

    def highwater(self, tp: TP) -> int:
        return self._broker.log[tp].end

    def seek(self, tp: TP, offset: int) -> None:
        self._positions[tp] = offset

    async def seek_to_beginning(self, *places: TP) -> None:
        await self._broker.network.request(lambda: None)
        self._positions |= dict.fromkeys(places, 0)

    async def committed(self) -> Any:
        return await engine._committed(self, self._app.marks)

    async def seek_to_committed(self) -> Any:
        return await engine._seek_to_committed(self, self._app.marks)

    async def earliest_offsets(self, *places: TP) -> dict[TP, int]:
        return dict.fromkeys(places, 0)

    async def highwaters(self, *places: TP) -> Any:
        return await self._broker.network.request(lambda: {tp: self._broker.log[tp].stable for tp in places})

    async def commit(self, offsets: Mapping[TP, int]) -> Any:
        marks = self._app.marks
        mine = {tp: Committed(offset, marks[tp.topic]) for tp, offset in offsets.items() if tp in self._assignment}
        group = self._broker.group
        return await self._broker.network.request(group.commit, self._process, self._generation, mine)

    async def getmany(self, active: set[TP]) -> dict[TP, list[Any]]:
        """A chunk of each active partition that has something new, at last; {} if nothing comes for a while."""
        positions = self._positions
        if any(tp not in positions for tp in self._assignment):
            found = await self._fetch_committed(self._assignment)
            for tp in self._assignment:
                positions.setdefault(tp, found[tp].offset if tp in found else 0)
        wanted = sorted(active & self._assignment)
        fetched = await self._broker.network.request(self._broker.fetch, positions, wanted)
        chunks = {}
        for tp, (start, records, after) in fetched.items():
            if positions is self._positions and positions[tp] == start:  # nobody has sought elsewhere meanwhile
                positions[tp] = after
                chunks[tp] = records
        return {tp: records for tp, records in chunks.items() if records}

    async def _fetch_committed(self, places: Iterable[TP]) -> Any:
        offsets = self._broker.group.offsets
        return await self._broker.network.request(lambda: {tp: offsets[tp] for tp in places if tp in offsets})
