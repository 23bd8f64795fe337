"""How many events were set aside that may touch a number: dead letters that nobody has redriven, as they come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from incidentlog.client.errors import TopicMissing
from incidentlog.client.ports import Broker, Record, TopicPartition
from incidentlog.gateway.following import Follower
from incidentlog.quarantine.standing import Standing
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics


class Quarantine(Follower):
    """Follows the dead letters, and what became of them; `await run()` forever. `listeners` hear of every change."""

    keyed = False  # a letter has the key of the record that it was

    def __init__(self, broker: Broker, topics: Topics, registers: Registers) -> None:
        super().__init__(broker, topics, lambda each: each.dead_letters, topics.version)
        self.standing = Standing(topics, registers)
        self.marks = Marks(broker, topics, self.standing, self._changed)
        self.listeners: list[Callable[[], None]] = []
        self.last_changes: dict[TopicPartition, int] = {}
        """The offset of the last record of each topic that changed how letters stand; repetitions change nothing."""
        self.changed_at = 0
        """When the newest of these was recorded, in milliseconds since 1970."""
        self._told = 0

    def take(self, record: Record) -> None:
        """Take in one further dead letter."""
        self.standing.take(record)
        self._changed(record)

    def replace(self, records: Sequence[Record]) -> None:
        """Begin anew."""
        self.standing.forget_letters()
        for record in records:
            self.take(record)

    def _changed(self, record: Record) -> None:
        if self.standing.revision != self._told:
            self._told = self.standing.revision
            self.last_changes[TopicPartition(record.topic, record.partition)] = record.offset
            self.changed_at = max(self.changed_at, record.timestamp)
            for listener in self.listeners:
                listener()

    @property
    def position(self) -> list[str]:
        """The last record read of each."""
        return [*super().position, *self.marks.position]

    @property
    def caught_up(self) -> bool:
        """Whether both were live once."""
        return super().caught_up and self.marks.caught_up

    async def ready(self) -> None:
        """Wait until it was live once."""
        await asyncio.gather(super().ready(), self.marks.ready())

    async def run(self) -> None:
        """Follow both."""
        async with asyncio.TaskGroup() as group:
            group.create_task(super().run())
            group.create_task(self.marks.run())


class Marks(Follower):
    """Follows which letters were redriven."""

    def __init__(self, broker: Broker, topics: Topics, standing: Standing, changed: Callable[[Record], None]) -> None:
        super().__init__(broker, topics, lambda each: each.redriven, topics.version)
        self._standing, self._changed = standing, changed

    async def _follow(self) -> None:
        try:
            await super()._follow()
        except TopicMissing:  # an installation from before letters could be redriven: nobody waits for that
            self._caught_up.set()
            raise

    def take(self, record: Record) -> None:
        """Take in what became of a letter."""
        self._standing.take_mark(record)
        self._changed(record)

    def replace(self, records: Sequence[Record]) -> None:
        """Read again after a break: what was redriven before stays so."""
        for record in records:
            self.take(record)
