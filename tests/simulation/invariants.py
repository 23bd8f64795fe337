"""What must hold at every moment, whoever has crashed: broken ones end the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentlog.schemas.dead_letters import Origin, origin
from incidentlog.worker.outbox import Outgoing
from simulation.log import Log, Place
from simulation.world import TOPICS, World

if TYPE_CHECKING:
    from simulation.producer import Producer


class Invariants:
    """Watches the decisions of the coordinators. `broken` is the first thing that went wrong."""

    def __init__(self, world: World, log: Log) -> None:
        self._world, self._log = world, log
        self._stored: set[bytes] = set()
        self._dead: set[Origin] = set()
        self._newest: dict[Place, int] = {}
        self._checked: dict[Place, int] = {}
        self.transactions = self.statements = 0
        self.broken = ""

    def stored(self, owner: Producer, written: list[tuple[Place, list[Outgoing]]]) -> None:
        """A transaction will be committed: its writer must be the newest for what it alone may write."""
        self.transactions += 1
        for place, records in written:
            if place[0] == TOPICS.statements:
                self.statements += len(records)
                self._stored.update(key for key, _, _ in records if key is not None)
            elif place[0] == TOPICS.dead_letters:
                self._dead.update(origin(headers) for _, _, headers in records)
            if place[0] not in (TOPICS.contributions, TOPICS.dead_letters):
                if self._newest.get(place, 0) > owner.number:
                    self._break(f"writer {owner.number} of {owner.name} stores to {place} after {self._newest[place]}")
                self._newest[place] = owner.number

    def committed(self, place: Place, offset: int) -> None:
        """The group commits: all events before `offset` must be stored and acknowledged."""
        if place[0] == TOPICS.contributions:
            return
        start = self._checked.get(place, 0)
        for record in self._log[place].read(start, offset)[0]:
            if record.offset < offset and not self.is_done(record):
                self._break(f"{place} is committed to {offset}, but the event at {record.offset} is not stored")
        self._checked[place] = max(start, offset)

    def is_done(self, record: Any) -> bool:
        keys = self._world.keys.get(record.value)
        if keys is None:
            return Origin(record.topic, record.partition, record.offset) in self._dead
        return any(key in self._stored for key in keys)

    def _break(self, what: str) -> None:
        self.broken = self.broken or what
