"""The transaction coordinator: epochs, fencing, time-outs, and markers that come later than the acknowledgement of the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka.errors import ConcurrentTransactions, InvalidProducerEpoch, KafkaError, NotEnoughReplicasError

from incidentlog.worker.outbox import Outgoing
from simulation.log import Log, Place, Span
from simulation.network import Network

_MARKER_DELAYS = (0.0, 0.002, 0.02, 0.4)


class _Ongoing:
    """The transaction of one writer: `ending` once its end is decided, while markers are under way."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.spans: dict[Place, Span] = {}
        self.written: list[tuple[Place, list[Outgoing]]] = []
        self.after: list[tuple[asyncio.Future[None], tuple[Any, ...]]] = []
        self.ending = False
        self.missing = 0


class Transactions:
    """`decided` hears of each commit when it is certain: of who made it, and what it wrote."""

    def __init__(
        self, log: Log, network: Network, decided: Callable[[Any, list[tuple[Place, list[Outgoing]]]], None]
    ) -> None:
        self._log, self._network, self._decided = log, network, decided
        self._epochs: dict[str, int] = {}
        self._ongoing: dict[str, _Ongoing] = {}
        self.refused = 0  # so many of the next writes fail
        self.slow = self.slowed = False  # markers take long now, or did so once
        self.aborted = self.torn = 0

    def initialize(self, name: str) -> int:
        """A new epoch, once what the former owner left open is aborted; ConcurrentTransactions until then."""
        ongoing = self._ongoing.get(name)
        if ongoing is None:
            self._epochs[name] = self._epochs.get(name, -1) + 1
            return self._epochs[name]
        if not ongoing.ending:
            self._epochs[name] += 1
            self.torn += 1
            self._end(name, committed=False)
        raise ConcurrentTransactions

    def write(
        self, name: str, epoch: int, owner: Any, timeout: float, place: Place, records: list[Outgoing]
    ) -> asyncio.Future[None] | None:
        """Append to a partition within the writer's transaction, which begins with its first write.

        While markers of the one before are under way, it waits: a future then.
        """
        self._check(name, epoch)
        if self.refused > 0:
            self.refused -= 1
            raise NotEnoughReplicasError
        ongoing = self._ongoing.get(name)
        if ongoing is not None and ongoing.ending:
            answer = self._network.loop.create_future()
            ongoing.after.append((answer, (name, epoch, owner, timeout, place, records)))
            return answer
        if ongoing is None:
            ongoing = self._ongoing[name] = _Ongoing(owner)
            self._network.later(self._expire, name, ongoing, delay=timeout)
        if place not in ongoing.spans:
            ongoing.spans[place] = self._log[place].open()
        self._log[place].append(records, ongoing.spans[place])
        ongoing.written.append((place, records))
        return None

    def end(self, name: str, epoch: int, *, committed: bool) -> None:
        """Decide the writer's transaction. The answer goes out at once, the markers later."""
        self._check(name, epoch)
        ongoing = self._ongoing.get(name)
        if ongoing is None:
            return  # nothing was written
        if ongoing.ending:
            raise ConcurrentTransactions
        if committed:
            self._decided(ongoing.owner, ongoing.written)
        self._end(name, committed=committed)

    def quiet(self) -> bool:
        """Whether no transaction is open."""
        return not self._ongoing

    def _check(self, name: str, epoch: int) -> None:
        if self._epochs.get(name) != epoch:
            raise InvalidProducerEpoch

    def _expire(self, name: str, ongoing: _Ongoing) -> None:
        if self._ongoing.get(name) is ongoing and not ongoing.ending:
            self._epochs[name] += 1
            self._end(name, committed=False)

    def _end(self, name: str, *, committed: bool) -> None:
        ongoing = self._ongoing[name]
        ongoing.ending, ongoing.missing = True, len(ongoing.spans)
        self.aborted += not committed
        for place, span in ongoing.spans.items():
            delay = self._network.loop.rng.choice(_MARKER_DELAYS) * (10 if self.slow else 1)
            self._network.later(self._mark, name, place, span, committed, delay=delay)

    def _mark(self, name: str, place: Place, span: Span, committed: bool) -> None:  # noqa: FBT001
        self._log[place].mark(span, committed=committed)
        ongoing = self._ongoing[name]
        ongoing.missing -= 1
        if not ongoing.missing:
            del self._ongoing[name]
            for answer, late in ongoing.after:
                _settle(answer, self.write, late)


def _settle(answer: asyncio.Future[None], write: Callable[..., object], late: tuple[Any, ...]) -> None:
    try:
        write(*late)
    except KafkaError as error:
        answer.set_exception(error)
    else:
        answer.set_result(None)
