"""What a publisher promises, on any broker."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator

import orjson
import pytest

from incidentlog.client import CellChanged, IdConflict, Publisher, PublishError, Receipt, TopicMissing
from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.schemas import records
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.envelope import CONTENT_TYPE
from incidentlog.schemas.events import Event, dump
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from support.contracts import InMemory, OnKafka, Suite, put, stored
from support.publishing import article, briefing, on, rescue


async def places(broker: Broker, topics: Topics, event: Event) -> list[tuple[int, int]]:
    """(partition, offset) of every copy of an event."""
    found = await stored(broker, topics.events(event.home))
    return [(each.partition, each.offset) for each in found if orjson.loads(each.value or b"")["id"] == event.id]


class Publishing(Suite):
    async def test_an_event_is_on_its_topic_under_its_cell(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article(), nationality="MYS")
        async with Publisher(broker, topics=topics) as publisher:
            receipt = await publisher.publish(event)
        record = next(
            each
            for each in await stored(broker, receipt.topic)
            if (each.partition, each.offset) == (receipt.partition, receipt.offset)
        )
        assert receipt == Receipt(
            event.id, topics.events("RescueReported"), receipt.partition, receipt.offset, "appended"
        )
        assert record.key == b"rescued/MYS/KHM"
        assert record.partition == partition_of(b"rescued/MYS/KHM", topics.partitions)
        assert list(record.headers) == [("content-type", CONTENT_TYPE.encode())]
        read = decode(record.value or b"")
        assert (read.id, read.source, dump(read.data)) == (event.id, event.source, dump(event.data))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", read.recorded or "")

    async def test_a_recorded_time_that_is_there_is_kept(self, broker: Broker, topics: Topics) -> None:
        first = rescue(article())
        event = Event(first.id, first.source, first.data, "2022-09-25T08:00:00.000001Z")
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish(event)
        values = [each.value or b"" for each in await stored(broker, topics.events("RescueReported"))]
        assert [decode(each).recorded for each in values if event.id.encode() in each] == [event.recorded]

    async def test_publishing_again_says_known(self, broker: Broker, topics: Topics) -> None:
        events = [rescue(article()), briefing(article())]
        events.append(on(events[0], "ClaimGraded"))
        async with Publisher(broker, topics=topics) as publisher:
            assert [(await publisher.publish(each)).outcome for each in events] == ["appended"] * 3
            assert [(await publisher.publish(each)).outcome for each in events] == ["known"] * 3
        async with Publisher(broker, topics=topics) as publisher:  # no worker has ever run
            assert [(await publisher.publish(each)).outcome for each in events] == ["known"] * 3
        assert [len(await places(broker, topics, each)) for each in events] == [1, 1, 1]

    async def test_what_no_worker_will_take_is_not_known(self, broker: Broker, topics: Topics) -> None:
        """The same event, right in itself, under another key, on another partition or topic, or too large."""
        event = rescue(article())
        value, key = encode(event), str(event.cell)
        right = TopicPartition(topics.events(event.home), partition_of(key.encode(), topics.partitions))
        await put(broker, right, ("rescued/XXX/KHM", value), (key, value + b" " * (64 << 10)))
        await put(broker, right._replace(partition=1 - right.partition), (key, value))
        await put(broker, right._replace(topic=topics.events("ArrestMade")), (key, value))
        async with Publisher(broker, topics=topics) as publisher:
            assert (await publisher.publish(event)).outcome == "appended"
        async with Publisher(broker, topics=topics) as publisher:
            assert (await publisher.publish(event)).outcome == "known"

    async def test_without_known_everything_is_appended(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article())
        async with Publisher(broker, topics=topics, known=False) as publisher:
            assert [(await publisher.publish(event)).outcome for _ in range(2)] == ["appended", "appended"]
        assert len(await places(broker, topics, event)) == 2

    async def test_what_was_folded_is_learned_from_the_statements(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article())
        envelope = orjson.loads(orjson.dumps({"type": "org.incidentlog.RescueReported.v1", "id": event.id,
                                              "source": event.source, "data": dump(event.data)}))  # fmt: skip
        _home, cell, statement = records.read(envelope)
        partition = TopicPartition(topics.statements, partition_of(str(cell).encode(), topics.partitions))
        await put(broker, partition, (records.key(cell, statement), records.dump(statement)))
        await self.abort(broker, partition)
        async with Publisher(broker, topics=topics) as publisher:
            assert (await publisher.publish(event)).outcome == "known"
            with pytest.raises(IdConflict):
                await publisher.publish(rescue(event.source, event.data.ref, grade="firm"))  # type: ignore[union-attr]

    async def test_only_what_the_worker_has_not_folded_is_read_from_the_events(
        self, broker: Broker, topics: Topics
    ) -> None:
        own = Topics(prefix=topics.prefix, version=f"v{article()[-8:]}", partitions=topics.partitions)
        async with broker.admin() as admin:
            await admin.create([each for each in own.all() if own.version in each.name])
        folded, tail = rescue(article()), rescue(article())
        async with Publisher(broker, topics=own) as publisher:
            receipt = await publisher.publish(folded)
            await publisher.publish(tail)
        assert receipt.offset is not None
        await self.commit(broker, own.group, {TopicPartition(receipt.topic, receipt.partition): receipt.offset + 1})
        async with Publisher(broker, topics=own) as publisher:
            assert (await publisher.publish(tail)).outcome == "known"
            assert (await publisher.publish(folded)).outcome == "appended"  # its statement was never written

    async def test_two_tasks_publishing_one_event_append_it_once(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article())
        async with Publisher(broker, topics=topics) as publisher:
            receipts = await asyncio.gather(*(publisher.publish(event) for _ in range(5)))
            assert sorted(each.outcome for each in receipts) == ["appended", "known", "known", "known", "known"]
        assert len(await places(broker, topics, event)) == 1

    async def test_other_content_under_one_id_is_refused(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article(), "P-1")
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish(event)
            with pytest.raises(IdConflict, match="publish a ClaimCorrected that targets it"):
                await publisher.publish(rescue(event.source, "P-1", nationality="MYS"))

    async def test_a_target_must_be_in_the_cell_that_is_named(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article(), nationality="VNM")
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish(event)
            wrong = on(event, "ClaimRetracted", cell="rescued/MYS/KHM")
            with pytest.raises(
                CellChanged, match=r"is in rescued/VNM/KHM, not in rescued/MYS/KHM; to move a claim"
            ) as caught:
                await publisher.publish(wrong)
            assert (caught.value.event_id, caught.value.reason) == (wrong.id, "cell_changed")

    async def test_many_at_once(self, broker: Broker, topics: Topics) -> None:
        source = article()
        events = [rescue(source, nationality=("VNM", "MYS", "CHN")[number % 3]) for number in range(900)]
        heard: list[int] = []
        receipts: list[Receipt] = []
        async with Publisher(broker, topics=topics, max_events=100) as publisher:
            totals = await publisher.publish_all(
                events[:600], progress=lambda sofar: heard.append(sofar.done), each=receipts.append
            )
            assert (totals.appended, totals.known) == (600, 0)
            totals = await publisher.publish_all(iter(events))
            assert (totals.appended, totals.known, totals.done) == (300, 600, 900)
        assert heard == sorted(heard)
        assert heard[-1] == 600
        found = {(each.partition, each.offset): orjson.loads(each.value or b"")["id"]
                 for each in await stored(broker, topics.events("RescueReported"))}  # fmt: skip
        assert [found[each.partition, each.offset or 0] for each in receipts] == [each.event_id for each in receipts]
        order: dict[bytes, list[str]] = defaultdict(list)
        for each in await stored(broker, topics.events("RescueReported")):
            if source.encode() in (each.value or b""):
                order[each.key or b""].append(orjson.loads(each.value or b"")["id"])
        expected: dict[bytes, list[str]] = defaultdict(list)
        for event in events:
            expected[str(event.cell).encode()].append(event.id)
        assert order == expected

    async def test_many_at_once_with_one_that_is_refused(self, broker: Broker, topics: Topics) -> None:
        good, bad = [rescue(article()) for _ in range(4)], rescue(article(), counting_unit="case")
        refusals: list[PublishError] = []
        async with Publisher(broker, topics=topics) as publisher:
            with pytest.raises(PublishError, match="counting_unit"):
                await publisher.publish_all([*good[:2], bad, *good[2:]])
            assert len(await places(broker, topics, good[1])) == 1
            totals = await publisher.publish_all([*good, bad], refused=refusals.append)
        assert (totals.appended, totals.known, totals.refused) == (2, 2, 1)
        assert [each.event_id for each in refusals] == [bad.id]

    async def test_events_may_come_as_they_are_made(self, broker: Broker, topics: Topics) -> None:
        made = [rescue(article()) for _ in range(3)]

        async def slowly() -> AsyncIterator[Event]:
            for event in made:
                await asyncio.sleep(0)
                yield event

        async with Publisher(broker, topics=topics) as publisher:
            assert (await publisher.publish_all(slowly())).appended == 3

    @pytest.mark.parametrize("known", [True, False])
    async def test_topics_that_are_missing_are_named_when_it_opens(self, broker: Broker, known: bool) -> None:  # noqa: FBT001
        with pytest.raises(TopicMissing, match=r"and \d+ more: no such topic .* run `incidentlog topics apply`"):
            async with Publisher(broker, topics=Topics(prefix=f"t-{article()[-12:]}"), known=known):
                pass


class TestPublishingInMemory(InMemory, Publishing):
    pass


@pytest.mark.integration
class TestPublishingOnKafka(OnKafka, Publishing):
    pass
