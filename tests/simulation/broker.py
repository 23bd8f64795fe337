"""The simulated broker: log, transactions and group behind one network, watched by the invariants."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from incidentlog.worker.outbox import NO_HEADERS, Outgoing
from simulation.group import Group
from simulation.invariants import Invariants
from simulation.log import Log, Place
from simulation.loop import VirtualLoop
from simulation.network import Network
from simulation.transactions import Transactions
from simulation.world import World, placed
from support.generate import Produced

SESSION_TIMEOUT = 10.0
_LONGEST_FETCH = 20.0


class Broker:
    """One broker of one run. Events are published past transactions, as by any idempotent producer."""

    def __init__(self, rng: random.Random, loop: VirtualLoop, world: World) -> None:
        self.rng, self.loop, self.world = rng, loop, world
        self.network, self.log = Network(loop), Log()
        self.invariants = Invariants(world, self.log)
        self.transactions = Transactions(self.log, self.network, self.invariants.stored)
        self.group = Group(self.network, world.partitions, SESSION_TIMEOUT, self.invariants.committed)
        self.batch = rng.choice((2, 100, 100))  # records
        self.chunk = rng.choice((2, 12, 30, 30))  # records
        self.queue = rng.choice((1, 2, 8))  # chunks
        self.compiled = rng.random() < 0.5  # Faust's stream
        self._writers = 0

    def next_writer(self) -> int:
        """Writers in the order in which they began."""
        self._writers += 1
        return self._writers

    def publish(self, events: Iterable[Produced]) -> None:
        """Append events, each to its topic and partition."""
        places: dict[Place, list[Outgoing]] = {}
        for event in events:
            places.setdefault(placed(event, self.world.partitions), []).append((event.key, event.value, NO_HEADERS))
        for place, records in places.items():
            self.log[place].append(records)

    def end_transaction(self, name: str, epoch: int, committed: bool) -> None:  # noqa: FBT001
        """A writer asks for the end of its transaction."""
        self.transactions.end(name, epoch, committed=committed)

    def fetch(self, positions: dict[Any, int], wanted: list[Any]) -> Any:
        """Position, chunk and next position of each partition with something new; waits for that, but not forever."""
        if found := self._fetch(positions, wanted):
            return found
        answer = self.loop.create_future()

        def told() -> None:
            if not answer.done():
                answer.set_result(self._fetch(positions, wanted))

        for tp in wanted:
            self.log[tp].changed.append(told)
        self.network.later(told, delay=_LONGEST_FETCH)
        return answer

    def _fetch(self, positions: dict[Any, int], wanted: list[Any]) -> dict[Any, tuple[int, list[Any], int]]:
        found = {}
        for tp in wanted:
            part, start = self.log[tp], positions[tp]
            if part.end > start and part.stable > start:
                found[tp] = start, *part.read(start, self.rng.randint(1, self.chunk))
        return found
