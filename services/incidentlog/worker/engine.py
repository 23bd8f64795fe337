"""Faust with batches. This module and `fetching` alone reach into the insides of Faust and aiokafka for it.

A fetched chunk of a partition travels through Faust as *one* message: its value is the list of records, its offset the
last one's. Faust's own price per message is thus paid per chunk, and its scheduling, acknowledging, committing and
rebalancing stay as they are. `tests/contract/test_engine.py` fails when a release changes what is relied on here.
"""

# ruff: noqa: SLF001, ARG002
# mypy: disable-error-code="misc"
# The insides of others are reached into here and nowhere else, and to the type checker their classes are Any.
from __future__ import annotations

import gc
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import faust
import mode
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata
from faust.assignor import PartitionAssignor
from faust.exceptions import ConsumerNotStarted
from faust.tables.manager import TableManager
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy

from incidentlog.client.security import connection
from incidentlog.worker.access import concealment
from incidentlog.worker.cluster import describe
from incidentlog.worker.credentials import credentials
from incidentlog.worker.draining import Draining
from incidentlog.worker.fetching import BatchConsumer
from incidentlog.worker.marks import Standing, believe
from incidentlog.worker.settings import WorkerSettings
from incidentlog.worker.tally import Tally

#: Chunks that may wait for a stage.
CHUNKS_QUEUED = 8
#: Full fetches that one answer of a broker may hold: with more, memory goes to bytes that wait.
PARTITIONS_FETCHED = 8


class ChunkScheduler(DefaultSchedulingStrategy):
    """Deliver what was fetched of a partition as one record.

    Its offset is acknowledged for all of them; what lies between one chunk's and the next one's is theirs too.
    """

    def iterate(self, records: Mapping[Any, list[Any]]) -> Iterator[tuple[Any, Any]]:
        for partition, chunk in records.items():
            if chunk:
                yield partition, _chunk_record(partition, chunk)


def _chunk_record(partition: Any, chunk: list[Any]) -> ConsumerRecord[Any, Any]:
    last = chunk[-1]
    return ConsumerRecord(
        *(partition.topic, partition.partition, last.offset, last.timestamp, last.timestamp_type),
        *(last.key, chunk, None, 0, 0, ()),
    )


class ChunkSchema(faust.Schema):
    """The value of a message is a list of records already: nothing to decode."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        return message.value


class Assignor(PartitionAssignor):
    """Faust's own assignor keeps equal partition numbers of its topics together, but it is used only where there are
    tables or standbys: the settings ask for a standby, and this takes it back."""

    def __init__(self, app: Any, replicas: int = 0) -> None:
        super().__init__(app, replicas=0)


class NoTables(TableManager):
    """There are no tables, so there is no second to wait for them to be declared."""

    async def sleep(self, n: Any) -> None:
        pass


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Where fetching happens; its client reads committed records only and does not wait long for more."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer.__class__ = BatchConsumer
        consumer._isolation_level = "read_committed"  # Faust ties this to transactions of its own
        consumer.fetch_every = self.app.settings.fetch_every
        consumer._fetch_max_wait_ms = int(self.app.settings.fetch_wait * 1000)  # fixed at 1.5 s otherwise
        consumer._fetch_max_bytes = PARTITIONS_FETCHED * self.app.settings.fetch_bytes  # fixed at 50 MiB otherwise
        plain, marks = consumer.commit, self.app.marks

        async def commit(offsets: Mapping[Any, Any]) -> None:
            await plain({tp: OffsetAndMetadata(at.offset, marks.get(tp.topic, "")) for tp, at in offsets.items()})

        consumer.commit = commit  # Faust's own commits carry no metadata
        return consumer

    async def seek_to_committed(self) -> Any:
        """Ask for all offsets at once rather than for one after another."""
        return await self.call_thread(_seek_to_committed, self._ensure_consumer(), self.app.marks)

    async def committed(self) -> Any:
        """Where the assigned partitions stand."""
        return await self.call_thread(_committed, self._ensure_consumer(), self.app.marks)

    async def topics(self) -> Any:
        """All topics of the cluster, by name."""
        return await self.call_thread(describe, self._ensure_consumer()._client)

    async def denied(self, names: list[str]) -> Any:
        """Why topics are not to be seen, where they may be there; else None."""
        return await self.call_thread(concealment, self._ensure_consumer()._client, names)


async def _committed(consumer: Any, marks: Mapping[str, str]) -> Standing:
    partitions = consumer.assignment()
    return believe(await consumer._coordinator.fetch_committed_offsets(partitions), partitions, marks)


async def _seek_to_committed(consumer: Any, marks: Mapping[str, str]) -> dict[Any, int | None]:
    """Go back to what is committed, and to the beginning where nothing is yet or what is does not count.

    Faust counts on this for chunks that it fetched and dropped while partitions were being assigned: wherever the
    position is left as it was, their events are lost. What was taken away while the broker was asked is left alone: the
    next assignment is under way, and the client would end the worker for it.
    """
    offsets = dict((await _committed(consumer, marks)).offsets)
    held = consumer.assignment()
    for tp, offset in offsets.items():
        if offset is not None and tp in held:
            consumer.seek(tp, offset)
    fresh = [tp for tp, offset in offsets.items() if offset is None and tp in held]
    if fresh:
        await consumer.seek_to_beginning(*fresh)
    return offsets


class Consumer(driver.Consumer):
    """The group member, with acknowledgements of whole chunks."""

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def committed(self) -> Any:
        """Where the assigned partitions stand."""
        return await self._thread.committed()

    async def topics(self) -> Any:
        """All topics of the cluster, by name."""
        return await self._thread.topics()

    async def denied(self, names: list[str]) -> Any:
        """Why topics are not to be seen, where they may be there; else None."""
        return await self._thread.denied(names)

    def ack(self, message: Any) -> bool:
        """Take an acknowledgement, but of what a stage has had in hand.

        Where Faust's stream is not compiled, it acknowledges the chunks that it skips at a rebalance, too. They are read
        again by whoever owns their partition then; committed, they would be lost.
        """
        return bool(message.tracked and super().ack(message))

    def let_go(self, *messages: Any) -> None:
        """Wait for no acknowledgement of these, or of any: who owns their partitions next reads them again.

        The last one would be waited for at the next rebalance without end: it stays referred to while none follows it.
        """
        self._unacked_messages -= set(messages or self._unacked_messages)

    async def perform_seek(self) -> None:
        """Go back to what is committed; events flow again when Faust resumes them.

        They may still flow from a recovery that a rebalance overtook: chunks would pass over those that Faust drops for
        having read them in the generation before. And what a refused commit left behind is forgotten: Faust would take
        no acknowledgement below it, and wait for them without end at the next rebalance.
        """
        self.stop_flow()
        self._committed_offset.clear()
        await super().perform_seek()

    def on_buffer_full(self, tp: Any) -> None:
        """A full queue makes the conductor wait; pausing partitions instead would idle the worker for whole seconds."""

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Offsets inside a chunk are no gaps."""

    def _new_offset(self, tp: Any) -> int | None:
        """Where to commit: behind the newest acknowledged chunk, since the chunks of a partition are acknowledged in order.

        Faust's own bookkeeping looks for holes between single messages, and would stall or run ahead.
        """
        acknowledged = self._acked[tp]
        if not acknowledged:
            return None
        newest: int = max(acknowledged)
        acknowledged.clear()
        self._acked_index[tp].clear()
        return newest + 1

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust looks for partitions that stand still, beside the thread that is given and loses them.

        One that was given just now has no position yet, one that was lost has nothing at all: no reason to end the worker.
        """
        with suppress(AssertionError, AttributeError, ConsumerNotStarted):
            super().verify_event_path(now, tp)

    async def wait_empty(self) -> None:
        """Wait until chunks in hand are acknowledged and committed, unless they never will be."""
        if not self.crashed and not self.app.failing:
            gc.freeze()  # Faust collects garbage here again and again: seconds each, with a million claims in memory
            with self.app.draining.under_way():
                await super().wait_empty()

    async def _commit_offsets(self, offsets: Mapping[Any, int], start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002
        """Commit, and forget what was refused: Faust takes that for committed, and no acknowledgement up to there from then
        on. A refusal may come after the rebalance that caused it, and after `perform_seek`."""
        committed: bool = await super()._commit_offsets(offsets, start_new_transaction)
        if not committed:
            self.app.tally.commits_refused += 1
            for tp in offsets:
                self._committed_offset.pop(tp, None)
        return committed

    def _clean_unacked_messages(self) -> None:
        super()._clean_unacked_messages()
        if self.app.failing:  # by now: they never will be, and no cancelling ends Faust's waiting
            self.let_go()

    async def on_partitions_revoked(self, revoked: Any) -> None:
        if not self.crashed and not self.app.failing:
            await self.commit()  # Faust forgets pending acknowledgements first, and would read them all again
        await super().on_partitions_revoked(revoked)


class Transport(driver.Transport):
    """Kafka by the consumer above."""

    Consumer = Consumer


class App(faust.App):
    """A Faust app without tables, web or folders. `failing`: nothing more is to be acknowledged or committed; `marks` by topic
    are what commits carry."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.failing, self.draining, self.tally = False, Draining(), Tally(settings.topics)
        self.marks: dict[str, str] = {}
        brokers = [f"kafka://{address.strip()}" for address in settings.bootstrap.split(",")]
        super().__init__(settings.group, broker=brokers, **_options(settings))
        self.transport = Transport(self.conf.broker_consumer, self)

    async def on_first_start(self) -> None:
        """Faust would make a folder for tables here."""


def _options(settings: WorkerSettings) -> dict[str, Any]:
    return {
        "ConsumerScheduler": ChunkScheduler,
        "PartitionAssignor": Assignor,
        "TableManager": NoTables,
        "table_standby_replicas": 1,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "agent_supervisor": mode.CrashingSupervisor,
        "stream_buffer_maxsize": CHUNKS_QUEUED,
        "web_enabled": False,
        "broker_credentials": credentials(connection()),
        "canonical_url": f"http://{settings.instance or uuid.uuid4().hex}",  # workers are told apart by it
        "consumer_group_instance_id": settings.instance or None,
        "broker_commit_interval": settings.commit_interval,
        "broker_session_timeout": settings.session_timeout,
        "broker_heartbeat_interval": min(3.0, settings.session_timeout / 4),
        "broker_request_timeout": max(30.0, settings.session_timeout),
        "consumer_max_fetch_size": settings.fetch_bytes,
        "consumer_auto_offset_reset": "earliest",
        "stream_recovery_delay": 0.0,
    }
