"""aiokafka's producer as a Producer."""

# ruff: noqa: SLF001 - aiokafka has no public way to give up what it cannot send

from __future__ import annotations

import asyncio
import math
from asyncio import Future
from collections.abc import Iterable
from typing import Any

from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from incidentlog.client.errors import BrokerRefused, BrokerUnreachable
from incidentlog.client.kafka.calls import CLOSE_SECONDS, closed, partition_counts
from incidentlog.client.kafka.denials import Doing, denied
from incidentlog.client.ports import Batch, Headers, TopicPartition

_AWAY = (KafkaConnectionError, KafkaTimeoutError)


class KafkaBatch:
    """aiokafka's batch builder as a Batch."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def append(self, key: bytes, value: bytes | None, headers: Headers) -> bool:
        """Add a record unless the batch is full."""
        return self.builder.append(timestamp=None, key=key, value=value, headers=list(headers)) is not None


class KafkaProducer:
    """aiokafka's producer as a Producer."""

    def __init__(self, client: Any, address: str, doing: Doing = Doing("write")) -> None:  # noqa: B008 - it does not change
        self._client, self._address, self._abandoned, self._doing = client, address, False, doing
        # How long a batch may wait is for its publisher to say; aiokafka would drop one whose turn may have come already.
        client._message_accumulator._batch_ttl = math.inf

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each has."""
        return await partition_counts(self._client.client, topics, self._address, self._doing)

    def batch(self) -> KafkaBatch:
        """An empty batch."""
        return KafkaBatch(self._client.create_batch())

    async def send(self, partition: TopicPartition, batch: Batch) -> Future[int]:
        """Queue the batch; while the broker is away this waits, for as long as the caller does."""
        assert isinstance(batch, KafkaBatch)
        while True:
            try:
                sent = await self._client.send_batch(batch.builder, partition.topic, partition=partition.partition)
            except KafkaError as error:
                if not error.retriable and not isinstance(error, _AWAY):
                    raise self._refused(error) from error
            else:
                return self._offset_of(sent)

    def abandon(self) -> None:
        """Give up what is queued when closing, instead of waiting for a broker that is away."""
        self._abandoned = True

    async def close(self) -> None:
        """Stop; without a broker only after its sender has been stopped, which would go on trying for ever."""
        if self._abandoned:
            await self._give_up()
        await closed(self._client.stop(), self._client.client)

    async def _give_up(self) -> None:
        """Fail all batches, so that nothing waits for them; the detours keep aiokafka from tripping over its own state."""
        sender, accumulator = self._client._sender, self._client._message_accumulator
        sender.sender_task.remove_done_callback(sender._fail_all)  # it expects a transaction
        sender.sender_task.cancel()
        await asyncio.wait([sender.sender_task], timeout=CLOSE_SECONDS)
        batches = [batch for queue in accumulator._batches.values() for batch in queue]
        accumulator._pending_batches.update(batches)  # each will be taken out of there
        accumulator.fail_all(KafkaConnectionError("given up"))
        for batch in batches:
            batch._drain_waiter.exception()  # somebody has to ask

    def _refused(self, error: BaseException) -> BrokerUnreachable | BrokerRefused:
        if isinstance(error, _AWAY):
            return BrokerUnreachable(self._address, error)
        return denied(error, self._address, self._doing) or BrokerRefused(self._address, repr(error))

    def _offset_of(self, sent: Future[Any]) -> Future[int]:
        """The future of the batch's first offset."""
        first: Future[int] = asyncio.get_running_loop().create_future()

        def settle(done: Future[Any]) -> None:
            error = done.exception()
            if first.done():
                return
            if error is None:
                first.set_result(done.result().offset)
            else:
                first.set_exception(self._refused(error))

        sent.add_done_callback(settle)
        return first
