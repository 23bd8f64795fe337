"""Creating topics, and saying how a cluster differs, on any broker."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from incidentlog.client import MemoryBroker
from incidentlog.client.ports import Broker
from incidentlog.schemas.topics import Topic, Topics
from incidentlog.topics import apply, check
from support.contracts import InMemory, OnKafka, Suite


@pytest.fixture
def own() -> Topics:
    """An installation that does not exist yet."""
    return Topics(prefix=f"a-{uuid4().hex[:12]}", partitions=2)


class Provisioning(Suite):
    async def test_what_is_missing_is_created_and_then_as_it_should_be(self, broker: Broker, own: Topics) -> None:
        names = [topic.name for topic in own.all()]
        missing = await check(broker, own)
        assert [(each.topic, each.setting) for each in missing] == [(name, "topic") for name in names]
        assert str(missing[0]) == f"{names[0]}: topic is missing, should be there: run `incidentlog topics apply`"
        assert await apply(broker, own) == sorted(names)
        assert await check(broker, own) == []
        assert await apply(broker, own) == []

    async def test_a_new_version_adds_its_own_topics(self, broker: Broker, own: Topics) -> None:
        await apply(broker, own)
        renamed = [topic.name.removesuffix("v1") + "v2" for topic in own.all() if topic.name.endswith(".v1")]
        assert await apply(broker, replace(own, version="v2")) == sorted(renamed)

    async def test_a_new_version_has_as_many_partitions_as_the_events(self, broker: Broker, own: Topics) -> None:
        await apply(broker, replace(own, partitions=3))
        created = await apply(broker, Topics(own.prefix, "v2"))
        async with broker.admin() as admin:
            tables = await admin.describe(created)
        assert own.statements.removesuffix("v1") + "v2" in tables
        assert {state.partitions for state in tables.values()} == {3}

    @pytest.mark.parametrize(("lag", "told"), [("60000", []), ("86400000", ["max.compaction.lag.ms"])])
    async def test_paraphrases_may_go_sooner_but_not_later(
        self, broker: Broker, own: Topics, lag: str, told: list[str]
    ) -> None:
        [notes] = [topic for topic in own.all() if topic.name == own.notes]
        async with broker.admin() as admin:
            await admin.create([replace(notes, settings=notes.settings | {"max.compaction.lag.ms": lag})])
        await apply(broker, own)
        assert [each.setting for each in await check(broker, own)] == told

    async def test_what_differs_is_told_and_left_alone(self, broker: Broker, own: Topics) -> None:
        stream, table = own.events("RaidConducted"), own.statements
        odd = [
            Topic(stream, "stream", 3, {"cleanup.policy": "delete", "retention.ms": "60000"}),
            Topic(table, "table", 2, {"cleanup.policy": "delete", "max.message.bytes": "1000000"}),
        ]
        async with broker.admin() as admin:
            await admin.create(odd)
        created = await apply(broker, own)
        assert not {stream, table} & set(created)
        found = {(each.topic, each.setting): each for each in await check(broker, own)}
        settings = {
            ("partitions", stream),
            ("retention.ms", stream),
            ("cleanup.policy", table),
            ("max.message.bytes", table),
        }
        assert {(setting, topic) for topic, setting in found} >= settings
        assert {topic for topic, _setting in found} == {stream, table}
        partitions = found[stream, "partitions"]
        assert (partitions.expected, partitions.found) == ("2", "3")
        assert "never add partitions" in partitions.advice
        retention = found[stream, "retention.ms"]
        assert (retention.expected, retention.found) == ("-1", "60000")
        assert f"--entity-name {stream} --add-config retention.ms=-1" in retention.advice
        assert "stops the worker" in found[table, "max.message.bytes"].advice

    async def test_replication_is_told(self, broker: Broker, own: Topics) -> None:
        await apply(broker, own)
        found = await check(broker, replace(own, replication=3))
        assert {(each.setting, each.expected) for each in found} == {("replication", "3"), ("min.insync.replicas", "2")}
        assert len(found) == 2 * len(own.all())
        assert await check(broker, replace(own, replication=1)) == []


async def test_what_is_missing_is_replicated_as_what_exists() -> None:
    broker, own = MemoryBroker(), Topics(replication=3)
    await apply(broker, own)
    await apply(broker, Topics(version="v2"))
    assert await check(broker, replace(own, version="v2")) == []


class TestProvisioningInMemory(InMemory, Provisioning):
    pass


@pytest.mark.integration
class TestProvisioningOnKafka(OnKafka, Provisioning):
    pass
