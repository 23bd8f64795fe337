"""The publisher: appends events to their topics and says of each what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from incidentlog.client.admission import HEADERS, Admission
from incidentlog.client.bulk import Bulk, each_of
from incidentlog.client.connect import broker_at
from incidentlog.client.errors import AccessDenied, NotOpen
from incidentlog.client.known import Known, Trial, learn, learn_more
from incidentlog.client.notes import claim_of, encode_note, erased_by, names_of
from incidentlog.client.outbox import Outbox, Parcel
from incidentlog.client.ports import Broker, Producer, TopicPartition
from incidentlog.client.receipts import Counts, Receipt, Totals
from incidentlog.client.refusals import BufferFull, EventRefused, NotAcknowledged, PublishError
from incidentlog.client.traces import Publication
from incidentlog.observing import tracing
from incidentlog.schemas.about import AboutClaims, ClaimRedacted
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.topics import Topics

if TYPE_CHECKING:
    from incidentlog.observing.spans import Spans

_AFTER_AN_ERROR = 2.0


class _Taken(NamedTuple):
    """An event in the outbox (`place` in its parcel), or known: then `parcel` is the one it is under way in, if any."""

    partition: TopicPartition
    parcel: Parcel | None
    place: int | None


class Publisher:
    """Appends events; share one between tasks freely.

        async with Publisher("localhost:19092") as publisher:
            receipt = await publisher.publish(event)

    Opening it reads what the log holds (unless `known` is False), so that an event that was published before, by whomever,
    is answered with a receipt that says `known`; should one slip through all the same, it changes no number. With `known` False
    no right to read is needed, and there are no notes: nobody could tell whether they were erased. At most
    `max_events` and `max_bytes` wait for the broker; when it takes none of them for `patience` seconds, waiting ends with
    BufferFull or NotAcknowledged. Closing waits as long for what is under way. `counts` goes on counting if it is given.
    """

    def __init__(
        self,
        broker: str | Broker,
        *,
        topics: Topics | None = None,
        registers: Registers | None = None,
        known: bool = True,
        max_events: int = 20_000,
        max_bytes: int = 32 << 20,
        patience: float = 60.0,
        clock: Callable[[], datetime] | None = None,
        counts: Counts | None = None,
    ) -> None:
        self._broker, self._topics = broker_at(broker), topics or Topics()
        self._registers, self._learns, self._clock = registers or builtin(), known, clock
        self._limits, self._patience = (max_events, max_bytes), patience
        self._stack = AsyncExitStack()
        self.counts = counts or Counts()
        self._known: Known | None = None
        self._admission: Admission
        self._producer: Producer
        self._outbox: Outbox | None = None
        self._counts: dict[str, int] = {}
        self._spans: Spans | None = None
        self._under_way: dict[str, Parcel] = {}

    async def __aenter__(self) -> Self:
        topics = self._topics
        self._known = await learn(self._broker, topics) if self._learns else None
        self._admission = Admission(topics, self._registers, self._known, self._clock)
        async with AsyncExitStack() as stack:
            self._producer = await stack.enter_async_context(self._broker.producer())
            self._counts = await self._producer.partition_counts([*topics.counted, *topics.official])
            self._counts |= await self._notes_if_any()
            self._stack = stack.pop_all()
        self._outbox = Outbox(self._producer, *self._limits)
        self._spans = tracing.current()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        outbox, self._outbox = self._opened(), None
        try:
            emptied = await outbox.empty(self._patience if error is None else _AFTER_AN_ERROR)
            if error is None:
                self._confirm(outbox, emptied=emptied)
        finally:
            if outbox.events:
                self._producer.abandon()
            await outbox.close()
            await self._stack.aclose()

    async def publish(self, event: Event, *, note: str | None = None) -> Receipt:
        """Append one event and wait until all replicas have it; a PublishError says why it was not.

        `note` is its paraphrase, at most 280 characters, kept apart from the event: a ClaimRedacted erases it for good.
        """
        taken = await self._take(event, note)
        if taken.parcel is not None:
            await self._acknowledged(taken.parcel, event.id)
        if note is not None:
            await self._ask(event, taken, set())
        for claim, value in await self._texts(event, note):
            await self._acknowledged(self._put_note(claim, value), event.id)
        if taken.parcel is None or taken.place is None:
            return Receipt(event.id, *taken.partition, None, "known")
        return Receipt(event.id, *taken.partition, taken.parcel.offset(taken.place), "appended")

    async def publish_all(
        self,
        events: Iterable[Event] | AsyncIterable[Event],
        *,
        notes: Mapping[str, str] | None = None,
        progress: Callable[[Totals], None] | None = None,
        each: Callable[[Receipt], None] | None = None,
        refused: Callable[[PublishError], None] | None = None,
    ) -> Totals:
        """Append many events at full speed, each partition's in their order, and wait until all replicas have them.

        `notes` are paraphrases by claim id. `progress` hears of every acknowledged batch, `each` of every event. The first
        event that is refused ends it, after what came before was appended; with `refused`, that one hears of it instead.
        """
        bulk, asked = Bulk(progress, each), set[TopicPartition]()
        try:
            async for event in each_of(events):
                note = (notes or {}).get(claim_of(event))
                try:
                    taken = await self._take(event, note)
                except BufferFull:
                    raise
                except PublishError as refusal:
                    if refused is None:
                        raise
                    bulk.refuse(refusal, refused)
                    continue
                bulk.take(event.id, *taken)
                if note is not None:
                    await self._ask(event, taken, asked)
                if note is not None or isinstance(event.data, ClaimRedacted):
                    await self._annotate(event, note, taken.parcel)
        except (BufferFull, NotAcknowledged):
            raise  # the broker had its time already
        except Exception:
            await self._opened().empty(self._patience)
            raise
        await self.flush()
        return bulk.totals

    def weigh(self, events: Iterable[Event], notes: Mapping[str, str] | None = None) -> list[PublishError | None]:
        """Why each event would be refused, were they published in this order now; None: it would not. Nothing is appended."""
        self._opened()
        known = Trial(self._known) if self._known is not None else None
        admission = Admission(self._topics, self._registers, known, self._clock)
        return [admission.objection(event, (notes or {}).get(claim_of(event))) for event in events]

    def learn(self, event_id: str, digest: str, cell: str) -> None:
        """Remember an event that somebody else has appended since this publisher was opened."""
        if self._known is not None:
            self._known.add(event_id, digest, cell)

    async def flush(self) -> None:
        """Wait until everything that was taken is acknowledged; NotAcknowledged if that does not come to be."""
        outbox = self._opened()
        self._confirm(outbox, emptied=await outbox.empty(self._patience))

    async def _take(self, event: Event, note: str | None) -> _Taken:
        """Check an event and put it into the outbox, after waiting for room in it."""
        outbox = self._opened()
        if outbox.full and not await outbox.room(self._patience):
            topic, waiting = self._admission.topic(event), (outbox.events, outbox.size)
            raise BufferFull(topic, event.id, self._broker.address, *waiting, self._patience)
        if outbox.failure is not None:
            raise NotAcknowledged(self._admission.topic(event), event.id, self._broker.address, outbox.failure)
        try:
            if note is not None:
                self._admission.check_note(event, note)
            self._check_rights(event)
            topic, cell, value = self._admission.admit(event)
        except PublishError:
            self.counts.refused += 1
            raise
        key = cell.encode()
        partition = TopicPartition(topic, partition_of(key, self._counts[topic]))
        if value is None:
            self.counts.known += 1
            return _Taken(partition, self._under_way.get(event.id), None)
        traced = Publication(self._spans, event, partition) if self._spans is not None else None
        headers = HEADERS if traced is None else (*HEADERS, *traced.headers)
        parcel = outbox.put(partition, key, value, headers, event.id)
        self.counts.waiting += 1
        if traced is not None:
            traced.in_parcel(parcel)
        if len(parcel.ids) == 1:
            parcel.listeners.append(self._settled)
        self._under_way[event.id] = parcel
        return _Taken(partition, parcel, len(parcel.ids) - 1)

    def _check_rights(self, event: Event) -> None:
        if isinstance(event.data, ClaimRedacted) and self._topics.notes not in self._counts:
            problem = "a redaction erases a paraphrase, which these credentials may not: publish it as a reviewer"
            raise EventRefused(self._admission.topic(event), event.id, problem)

    async def _notes_if_any(self) -> dict[str, int]:
        """The topic of paraphrases; who only appends may be kept from it, and then says nothing about paraphrases."""
        try:
            return await self._producer.partition_counts([self._topics.notes])
        except AccessDenied:
            if self._learns:
                raise
            return {}

    def _settled(self, parcel: Parcel) -> None:
        for event_id in parcel.ids:
            self._under_way.pop(event_id, None)
        self.counts.settled(len(parcel.ids), failed=parcel.failure is not None)
        if parcel.failure is not None and self._known is not None:
            self._known.forget(parcel.ids)

    async def _ask(self, event: Event, taken: _Taken, asked: set[TopicPartition]) -> None:
        """See whether others have erased what was said before, since this publisher was opened; once for a partition `asked`."""
        before = taken.parcel is None or isinstance(event.data, AboutClaims)
        if before and self._known is not None and taken.partition not in asked:
            await learn_more(self._known, self._broker, self._topics, taken.partition)
            asked.add(taken.partition)

    async def _texts(self, event: Event, note: str | None) -> list[tuple[str, bytes | None]]:
        """What the event changes among the notes: claim ids with a value, None to erase."""
        if isinstance(event.data, ClaimRedacted):
            if self._known is not None:
                self._known.redact(event.data.target)
            return [(claim, None) for claim in await erased_by(self._broker, self._topics, event.data)]
        if note is None:
            return []
        if self._known is not None and not self._known.redacted.isdisjoint(names_of(event)):
            return []
        return [(claim_of(event), encode_note(note))]

    async def _annotate(self, event: Event, note: str | None, parcel: Parcel | None) -> None:
        """Among many: a note follows its claim, whose acknowledgement is only waited for if notes are to be erased."""
        if parcel is not None and isinstance(event.data, ClaimRedacted):
            await self._acknowledged(parcel, event.id)
        texts = await self._texts(event, note)

        def put(settled: Parcel | None) -> None:
            if settled is None or settled.failure is None:
                for claim, value in texts:
                    self._put_note(claim, value)

        if parcel is None or parcel.acknowledged.done():
            put(parcel)
        else:
            parcel.listeners.append(put)

    def _put_note(self, claim: str, value: bytes | None) -> Parcel:
        topic, key = self._topics.notes, claim.encode()
        partition = TopicPartition(topic, partition_of(key, self._counts[topic]))
        return self._opened().put(partition, key, value, (), claim)

    async def _acknowledged(self, parcel: Parcel, event_id: str) -> None:
        topic, address = parcel.partition.topic, self._broker.address
        try:
            async with asyncio.timeout(self._patience) as limit:
                await asyncio.shield(parcel.acknowledged)
        except TimeoutError as error:
            waited = self._patience if limit.expired() else None
            raise NotAcknowledged(topic, event_id, address, error, waited) from error
        except Exception as error:
            raise NotAcknowledged(topic, event_id, address, error) from error

    def _confirm(self, outbox: Outbox, *, emptied: bool) -> None:
        """NotAcknowledged, naming one event, if not everything was."""
        oldest = outbox.oldest()
        if outbox.failure is not None:
            topic, event_id = outbox.failed or ("", "")
            raise NotAcknowledged(topic, event_id, self._broker.address, outbox.failure)
        if not emptied and oldest is not None:
            raise NotAcknowledged(oldest.partition.topic, oldest.ids[0], self._broker.address, "", self._patience)

    def _opened(self) -> Outbox:
        if self._outbox is None:
            raise NotOpen("Publisher")
        return self._outbox
