"""The group coordinator: members, generations, which partition numbers are whose, and the committed offsets."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulation.log import Place
from simulation.loop import Process
from simulation.network import Network


class Assigned(NamedTuple):
    """What a member is told at the end of a rebalance."""

    generation: int
    numbers: list[int]


class Committed(NamedTuple):
    """A committed offset, and what its member noted beside it."""

    offset: int
    metadata: str


class _Member:
    def __init__(self, process: Process, rebalance: Callable[[int], None]) -> None:
        self.process, self.rebalance = process, rebalance
        self.joined: asyncio.Future[Assigned] | None = None


class Group:
    """Eager rebalancing: all members give up everything, join again, and get their share of the partition numbers.

    `accepted` hears of every offset that a commit moves.
    """

    def __init__(
        self, network: Network, numbers: int, session_timeout: float, accepted: Callable[[Place, int], None]
    ) -> None:
        self._network, self._numbers, self._session, self._accepted = network, numbers, session_timeout, accepted
        self._members: dict[Process, _Member] = {}
        self._preparing = False
        self._round = 0
        self.generation = 0
        self.offsets: dict[Place, Committed] = {}
        self._before: dict[Place, Committed] = {}
        self.outdated = 0

    def join(self, process: Process, rebalance: Callable[[int], None]) -> asyncio.Future[Assigned]:
        """Become a member; answered when all have joined. `rebalance` is told in the process which generation is over."""
        if process not in self._members:
            process.on_death.append(lambda: self.gone(process))
            if not process.alive:  # its last words
                self.gone(process)
        member = self._members.setdefault(process, _Member(process, rebalance))
        member.joined = answer = self._network.loop.create_future()
        if not self._preparing:
            self._prepare(delay=0.0 if self.generation else 3.0)
        self._complete_if_all_joined()
        return answer

    def leave(self, process: Process) -> None:
        """No longer a member, from now on."""
        if self._members.pop(process, None) is not None:
            self._prepare()

    def gone(self, process: Process) -> None:
        """No heartbeats from here on: some time later, no longer a member, unless they are back."""
        delay = self._session * (1.0 if process.alive else self._network.loop.rng.random())
        self._network.later(self._expire, process, delay=delay)

    def commit(self, process: Process, generation: int, offsets: Mapping[Any, Committed]) -> bool:
        """Take offsets from a member of this generation; whether that was accepted."""
        if process not in self._members or generation != self.generation:
            self.outdated += 1
            return False
        for tp, committed in offsets.items():
            place = tp.topic, tp.partition
            self._accepted(place, committed.offset)
            self._before[place] = self.offsets.get(place, committed._replace(offset=0))
            self.offsets[place] = committed
        return True

    def rebalance(self) -> None:
        """All have to join again."""
        self._prepare()

    def forget(self, rng: random.Random) -> bool:
        """The newest commits are lost, as when a coordinator takes over from another; whether there were any."""
        lost = {place: offset for place, offset in sorted(self._before.items()) if rng.random() < 0.7}
        self.offsets |= lost
        self._prepare()
        return bool(lost)

    def _expire(self, process: Process) -> None:
        if not process.alive or process.paused:
            member = self._members.get(process)
            if member is not None and process.alive:
                self._network.tell(process, member.rebalance, self.generation)  # once it wakes, a heartbeat tells it
            self.leave(process)

    def _prepare(self, delay: float = 0.0) -> None:
        if not self._preparing:
            self._preparing = True
            self._round += 1
            self._network.later(self._complete, self._round, delay=60.0)
            if delay:
                self._network.later(self._settle, self._round, delay=delay)
        for process, member in self._members.items():
            if member.joined is None:
                self._network.tell(
                    process, member.rebalance, self.generation, delay=self._network.loop.rng.random() * 2.0
                )
        if not delay:
            self._complete_if_all_joined()

    def _settle(self, number: int) -> None:
        if number == self._round and self._preparing:
            self.generation = max(self.generation, 1)
            self._complete_if_all_joined()

    def _complete_if_all_joined(self) -> None:
        if self._preparing and self.generation and all(each.joined for each in self._members.values()):
            self._complete(self._round)

    def _complete(self, number: int) -> None:
        if number != self._round or not self._preparing:
            return
        self._preparing = False
        self._members = {process: member for process, member in self._members.items() if member.joined}
        self.generation += 1
        shares: list[list[int]] = [[] for _ in self._members]
        order = list(range(self._numbers))
        self._network.loop.rng.shuffle(order)
        for place, partition in enumerate(order):
            if shares:
                shares[place % len(shares)].append(partition)
        for member, share in zip(self._members.values(), shares, strict=True):
            assert member.joined is not None
            member.joined.set_result(Assigned(self.generation, sorted(share)))
            member.joined = None
