"""What stands in for aiokafka's transactional producer: the same calls, requests to the simulated broker behind them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

from aiokafka.errors import ConcurrentTransactions, InvalidProducerEpoch

from incidentlog.worker.outbox import Outgoing
from simulation.network import here

if TYPE_CHECKING:
    from simulation.broker import Broker

_BACKOFF = 0.02


class Batch:
    """Takes so many records and no more."""

    def __init__(self, most: int) -> None:
        self.records: list[Outgoing] = []
        self._most = most

    def append(self, *, key: bytes | None, value: bytes | None, headers: Any, **_: Any) -> object | None:
        if len(self.records) >= self._most:
            return None
        self.records.append((key, value, headers))
        return self


class Producer:
    """One epoch of one transactional id, once it has started. Batches of different partitions overtake each other."""

    broker: Broker

    def __init__(self, *, transactional_id: str, transaction_timeout_ms: int, **_: Any) -> None:
        self.name, self._timeout = transactional_id, transaction_timeout_ms / 1000
        self.number = 0
        self._sender = SimpleNamespace(_find_coordinator=None)
        self._txn_manager = SimpleNamespace(producer_epoch=0)
        self._epoch = -1
        self._sent: list[asyncio.Future[None]] = []
        self._arrivals: dict[tuple[str, int], float] = {}
        self._ended: asyncio.Future[None] | None = None

    async def start(self) -> None:
        self._epoch = await self._ask(self.broker.transactions.initialize, self.name)
        self.number = self.broker.next_writer()

    def create_batch(self) -> Batch:
        return Batch(self.broker.batch)

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[None]:
        place, transactions = (topic, partition), self.broker.transactions
        after = self._arrivals.get(place, 0.0)  # no batch overtakes one before it on its partition
        sent, self._arrivals[place] = self.broker.network.send(
            after, transactions.write, self.name, self._epoch, self, self._timeout, place, batch.records
        )
        self._sent.append(sent)
        return sent

    def transaction(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        here()
        self._sent.clear()
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if any(
            sent.done() and isinstance(sent.exception(), InvalidProducerEpoch)
            for sent in self._sent
            if not sent.cancelled()
        ):
            return  # fenced: there is nothing to end
        self._ended = asyncio.ensure_future(self._end(committed=kind is None))
        await asyncio.shield(self._ended)  # aiokafka's sender goes on when whoever waits is cancelled

    async def stop(self) -> None:
        here()
        if self._ended is not None:
            self._ended.cancel()  # what is on its way may still arrive

    async def _end(self, *, committed: bool) -> None:
        if not committed and self._sent:
            await asyncio.wait(self._sent)
        await self._ask(self.broker.end_transaction, self.name, self._epoch, committed)

    async def _ask(self, action: Any, *args: Any) -> Any:
        pause = _BACKOFF
        while True:
            try:
                return await self.broker.network.request(action, *args)
            except ConcurrentTransactions:  # the markers of the one before are still on their way
                await asyncio.sleep(pause)
                pause = min(2 * pause, 1.0)
