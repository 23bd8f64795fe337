"""The one writer of a partition number: a transactional producer that fences whoever wrote before."""

# ruff: noqa: SLF001 - aiokafka has no public way to keep its sender from giving up

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, InvalidProducerEpoch, KafkaConnectionError, KafkaError, ProducerFenced

from incidentlog.client.security import connection
from incidentlog.worker.access import denial
from incidentlog.worker.errors import StoreFailed, WriterFenced
from incidentlog.worker.outbox import BATCH_BYTES, LARGEST_RECORD, Outbox, send
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.tally import Tally

_STOP_SECONDS = 2.0
_BACK_OFF = 0.1


class Writer:
    """Stores outboxes, each in one transaction, under the transactional id `name`; `tally` takes down how, for `stage`."""

    def __init__(self, settings: WorkerSettings, name: str, tally: Tally | None = None, stage: str = "") -> None:
        self.name, self._stage = name, stage
        self._tally = tally or Tally(settings.topics)
        self._producer: Any = AIOKafkaProducer(
            **connection(),
            bootstrap_servers=settings.bootstrap,
            transactional_id=name,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=LARGEST_RECORD,
            transaction_timeout_ms=int(settings.transaction_timeout * 1000),
        )
        _wait_for_coordinator(self._producer._sender)

    @property
    def epoch(self) -> int:
        """How often somebody has begun to write under this name, as the broker counts."""
        return int(self._producer._txn_manager.producer_epoch)

    async def start(self) -> None:
        """From here on no former owner can write: its open transaction is aborted, its next one refused."""
        try:
            await self._producer.start()
        except KafkaError as error:
            raise denial(error, "write as", self.name) or error from error

    async def store(self, outbox: Outbox) -> None:
        """All of `outbox` or nothing, acknowledged; WriterFenced or StoreFailed otherwise."""
        began = time.perf_counter()
        try:
            async with self._producer.transaction():
                await send(self._producer, outbox)
        except (ProducerFenced, InvalidProducerEpoch) as error:
            self._tally.fenced[self._stage] += 1
            raise WriterFenced(self.name) from error
        except (KafkaError, IllegalOperation) as error:
            self._tally.failures[self._stage] += 1
            raise denial(error, "write", self.name) or StoreFailed(self.name, error) from error
        self._tally.stored(self._stage, outbox, time.perf_counter() - began)

    async def stop(self) -> None:
        """Let go; a producer that cannot end in time is left to the broker, which aborts what it left open."""
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._producer.stop()
        except (TimeoutError, KafkaError):
            pass


def _wait_for_coordinator(sender: Any) -> None:
    """aiokafka's sender waits while a broker is away, but ends if the connection is lost as it asks for the coordinator."""
    find = sender._find_coordinator

    async def find_in_the_end(*asked: Any) -> Any:
        while True:
            try:
                return await find(*asked)
            except KafkaError as error:
                if not isinstance(error.__cause__, KafkaConnectionError):
                    raise
            await asyncio.sleep(_BACK_OFF)

    sender._find_coordinator = find_in_the_end
