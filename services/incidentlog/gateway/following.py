"""Following a topic for as long as the gateway runs, whatever happens to the broker."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence

from incidentlog.client.following import State
from incidentlog.client.ports import Broker, Record
from incidentlog.client.versioned import Portion, Versioned
from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.topics import Topics

_log = logging.getLogger(__name__)
_PAUSE = (0.1, 3.0)
#: So many records are taken in before others have their turn; a promotion is taken in at once.
_TURN = 200


class Follower(ABC):
    """One topic of the live version, record by record: `await run()` forever, `await ready` once.

    What `take` does happens between two suspensions, and so does everything a promotion brings.
    """

    keyed = True
    """Whether of each key only the newest record says anything, as on a compacted topic."""

    def __init__(
        self, broker: Broker, topics: Topics, topic_of: Callable[[Topics], str], pinned: str | None = None
    ) -> None:
        self._broker, self._topics, self._topic_of, self._pinned = broker, topics, topic_of, pinned
        self.before: Callable[[], Awaitable[None]] | None = None
        """Awaited before anything that was read is taken."""
        self._caught_up = asyncio.Event()
        self._moved: set[asyncio.Future[None]] = set()
        self.state: State = "connecting"
        self.version = topics.version
        self.topic = topic_of(topics)
        self.vector: tuple[int, ...] = ()
        """The next offset of each partition: what lies before was taken."""
        self.beginning: tuple[int, ...] = ()
        """Where each partition ended when following it began: of what lies behind, nothing was missed."""
        self.begun = 0.0
        """When that was, in milliseconds since 1970."""

    @abstractmethod
    def take(self, record: Record) -> None:
        """Take in one further record."""

    @abstractmethod
    def replace(self, records: Sequence[Record]) -> None:
        """Another version is live: these are the newest records of its keys, in place of everything taken before."""

    @property
    def position(self) -> list[str]:
        """The last record read of each partition, `TOPIC:PARTITION:OFFSET`."""
        return [f"{self.topic}:{number}:{offset - 1}" for number, offset in enumerate(self.vector) if offset]

    @property
    def caught_up(self) -> bool:
        """Whether it was live once: what it has is complete, if perhaps not the newest."""
        return self._caught_up.is_set()

    async def ready(self) -> None:
        """Wait until it was live once."""
        await self._caught_up.wait()

    async def moved(self) -> None:
        """Wait until `vector` moves."""
        waiting = asyncio.get_running_loop().create_future()
        self._moved.add(waiting)
        try:
            await waiting
        finally:
            self._moved.discard(waiting)

    async def run(self) -> None:
        """Follow; it begins anew after what should not happen."""
        pause, longest = _PAUSE
        told = ""
        while True:
            try:
                await self._follow()
            except (IncidentlogError, OSError) as error:
                if told != str(error):  # once, not at every attempt
                    told = str(error)
                    _log.warning("%s: %s", self.topic, told)
            except Exception:  # noqa: BLE001 - a fault of ours must not end what others are served
                _log.exception("following %s", self.topic)
            self.state = "connecting"
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    async def _follow(self) -> None:
        source = Versioned(self._broker, self._topics, self._topic_of, self._pinned, self._become)
        await source.open()
        self._begin(source)
        try:
            if self.vector:  # something is shown already: it stays until all that is to replace it was read
                self._replaced(source, await _all(source, keyed=self.keyed))
            self.version, self.topic, self.vector = source.version, source.topic, _vector(source)
            while True:
                portion = await source.portion()
                assert portion is not None
                await self._taken(source, portion)
        finally:
            await source.close()

    async def _taken(self, source: Versioned, portion: Portion) -> None:
        if self.before is not None and (portion.records or portion.promotion is not None):
            await self.before()
        if portion.promotion is not None:
            self._replaced(source, portion.records)
            return
        for number, record in enumerate(portion.records, 1):
            self._step(record)
            if not number % _TURN:
                self._tell()
                await asyncio.sleep(0)
        vector = _vector(source)
        if portion.records or vector != self.vector:
            self.vector = vector
            self._tell()

    def _replaced(self, source: Versioned, records: Sequence[Record]) -> None:
        self.version, self.topic, self.vector = source.version, source.topic, _vector(source)
        self._begin(source)
        self.replace(records)
        self._tell()

    def _begin(self, source: Versioned) -> None:
        ends = source.ends()
        self.beginning, self.begun = tuple(ends[number] for number in sorted(ends)), time.time() * 1000

    def _step(self, record: Record) -> None:
        if record.partition < len(self.vector):
            before, after = self.vector[: record.partition], self.vector[record.partition + 1 :]
            self.vector = (*before, record.offset + 1, *after)
        self.take(record)

    def _tell(self) -> None:
        for waiting in self._moved:
            if not waiting.done():
                waiting.set_result(None)

    def _become(self, state: State) -> None:
        self.state = state
        if state == "live":
            self._caught_up.set()


async def _all(source: Versioned, *, keyed: bool) -> list[Record]:
    """The newest record of each key, or all there are."""
    newest: dict[object, Record] = {}
    while (portion := await source.portion(until_live=True)) is not None:
        if portion.promotion is not None:
            newest.clear()
        for record in portion.records:
            name = record.key if keyed else (record.partition, record.offset)
            newest.pop(name, None)
            newest[name] = record
    return list(newest.values())


def _vector(source: Versioned) -> tuple[int, ...]:
    positions = source.positions()
    return tuple(positions[number] for number in sorted(positions))
