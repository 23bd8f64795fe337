"""The mirror: one projection's rows in memory, as the log has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import orjson

from incidentlog.client.ports import Broker, Record
from incidentlog.client.rows import Row
from incidentlog.gateway.following import Follower
from incidentlog.schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class Held:
    """The newest record of one key: `value` None is a row that is gone. `recorded` is milliseconds since 1970."""

    key: str
    value: bytes | None
    recorded: int
    partition: int
    offset: int

    @property
    def row(self) -> Row | None:
        """The row as in JSON."""
        row: Row | None = None if self.value is None else orjson.loads(self.value)
        return row


#: For how long the log surely has the tombstone of a row that is gone: Kafka keeps them for a day. In milliseconds.
TOMBSTONES_KEPT = 23 * 3600 * 1000
#: Hears of changes that belong to one moment.
Listener = Callable[[Sequence[Held]], None]


class Mirror(Follower):
    """Follows one projection of the live version. `listeners` hear of every change, of all that a promotion changes at once."""

    def __init__(self, broker: Broker, topics: Topics, projection: str) -> None:
        super().__init__(broker, topics, lambda each: each.rows(projection))
        self.projection = projection
        self.listeners: list[Listener] = []
        self.recorded = 0
        """When the newest change was recorded, in milliseconds since 1970; 0: nothing was."""
        self.newest: Record | None = None
        """The one that was taken in last."""
        self._held: dict[str, Held] = {}

    @property
    def held(self) -> Mapping[str, Held]:
        """By key, tombstones included; in the order of last changes."""
        return MappingProxyType(self._held)

    def knows_since(self, vector: Sequence[int]) -> bool:
        """Whether every row that went after these offsets is known to be gone. The log forgets that after a day."""
        if all(there <= known for there, known in zip(self.beginning, vector, strict=True)):
            return True
        before = (each.recorded for each in self._held.values() if each.offset < vector[each.partition])
        return max(before, default=0) > self.begun - TOMBSTONES_KEPT

    def take(self, record: Record) -> None:
        """Take in one further record."""
        held = _held(record)
        self.newest = record
        self._held.pop(held.key, None)
        self._held[held.key] = held
        self.recorded = max(self.recorded, held.recorded)
        self._hear([held])

    def replace(self, records: Sequence[Record]) -> None:
        """All rows are others now; what there was and is no more, is gone from now on."""
        before = self._held
        self._held = {each.key: each for each in map(_held, records)}
        self.recorded = max((each.recorded for each in self._held.values()), default=0)
        gone = [key for key in before if key not in self._held]
        for key in gone:
            self._held[key] = Held(key, None, self.recorded, 0, -1)
        self._hear(list(self._held.values()))

    def _hear(self, changes: Sequence[Held]) -> None:
        for listener in self.listeners:
            listener(changes)


def _held(record: Record) -> Held:
    return Held(
        (record.key or b"").decode(errors="replace"), record.value, record.timestamp, record.partition, record.offset
    )
