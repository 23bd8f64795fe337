"""aiokafka's admin client as an Admin."""

# ruff: noqa: SLF001 - the connections of a consumer that fails to stop must be closed all the same

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from incidentlog.client.errors import BrokerRefused
from incidentlog.client.kafka.calls import REQUEST_MS, closed, reaching
from incidentlog.client.ports import TopicPartition, TopicState
from incidentlog.schemas.topics import Topic


class KafkaAdmin:
    """aiokafka's admin client as an Admin."""

    def __init__(self, client: Any, address: str, options: Mapping[str, Any] | None = None) -> None:
        self._client, self._address = client, address
        self._options = options or {"bootstrap_servers": address}

    async def names(self) -> list[str]:
        """The names of all topics."""
        with reaching(self._address):
            return [topic["topic"] for topic in await self._client.describe_topics()]

    async def describe(self, names: Iterable[str]) -> dict[str, TopicState]:
        """Those that exist. All topics are listed, since asking for a missing one by name can create it."""
        names = list(names)
        with reaching(self._address):
            async with asyncio.timeout(REQUEST_MS / 1000):
                while True:
                    listed = {topic["topic"]: topic["partitions"] for topic in await self._client.describe_topics()}
                    found = [name for name in names if name in listed]
                    settings = await self._settings(found) if found else {}
                    if len(settings) == len(found):
                        return {name: _state(name, listed[name], settings[name]) for name in found}
                    await asyncio.sleep(0.05)  # one broker knows of a topic, another one not yet, or not any more

    async def _settings(self, names: Iterable[str]) -> dict[str, Iterable[Any]]:
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found: dict[str, Iterable[Any]] = {}
        for response in await self._client.describe_configs(asked):
            for code, message, _kind, name, entries in response.resources:
                error = for_code(code)
                if not code:
                    found[name] = entries
                elif error is not UnknownTopicOrPartitionError:
                    raise BrokerRefused(self._address, f"to tell the settings of {name}: {message or error.__name__}")
        return found

    async def create(self, topics: Sequence[Topic]) -> list[str]:
        """Create topics, with the cluster's own replication factor where they say none."""
        wanted = list(map(_new, topics))
        with reaching(self._address):
            response = await self._client.create_topics(wanted)
        created = []
        for name, code, message in response.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise BrokerRefused(self._address, f"to create {name}: {message or error.__name__}")
            if not code:
                created.append(name)
        await self._until_usable(created)
        return created

    async def delete(self, names: Iterable[str]) -> list[str]:
        """Delete topics and wait until they are gone."""
        there = set(await self.names())
        found = [name for name in names if name in there]
        if not found:
            return []
        with reaching(self._address):
            response = await self._client.delete_topics(found)
        for name, code in response.topic_error_codes:
            if code:
                raise BrokerRefused(self._address, f"to delete {name}: {for_code(code).__name__}")
        while not there.isdisjoint(found):
            await asyncio.sleep(0.02)
            there = set(await self.names())
        return found

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """The group's committed offsets."""
        with reaching(self._address):
            found = await self._once_coordinated(self._client.list_consumer_group_offsets, group)
        return {TopicPartition(*each): at.offset for each, at in found.items() if at.offset >= 0}

    async def owners(self, group: str) -> dict[TopicPartition, str]:
        """The partitions that members of a classic group were assigned, by their client ids."""
        with reaching(self._address):
            [response] = await self._once_coordinated(self._client.describe_consumer_groups, [group])
        owned: dict[TopicPartition, str] = {}
        for _, client, *_, assigned in response.groups[0][5]:
            decoded: Any = ConsumerProtocolMemberAssignment.decode(assigned) if assigned else None
            for topic, partitions in decoded.assignment if decoded else ():
                owned |= {TopicPartition(topic, number): client for number in partitions}
        return owned

    async def commit(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit as a consumer that chooses its partitions itself: aiokafka's admin client cannot."""
        if not offsets:
            return
        consumer = AIOKafkaConsumer(
            **self._options, group_id=group, enable_auto_commit=False, request_timeout_ms=REQUEST_MS
        )
        try:
            with reaching(self._address):
                # A topic that is gone would be tried for ever.
                async with asyncio.timeout(REQUEST_MS / 1000):
                    await consumer.start()
                    consumer.assign([KafkaPartition(*each) for each in offsets])
                    await consumer.commit({KafkaPartition(*each): offset for each, offset in offsets.items()})
        finally:
            await closed(consumer.stop(), consumer._client)

    async def _once_coordinated(self, ask: Callable[[Any], Awaitable[Any]], about: Any) -> Any:
        """The answer, after the moments a cluster needs to find out who keeps a group."""
        async with asyncio.timeout(REQUEST_MS / 1000):
            while True:
                try:
                    return await ask(about)
                except KafkaError as error:
                    if not error.retriable:
                        raise
                    await asyncio.sleep(0.1)

    async def _until_usable(self, names: Iterable[str]) -> None:
        """Return when every partition has a leader."""
        wanted = set(names)
        while wanted:
            with reaching(self._address):
                for topic in await self._client.describe_topics():
                    leaders = [partition["leader"] for partition in topic["partitions"]]
                    if leaders and min(leaders) >= 0:
                        wanted.discard(topic["topic"])
            await asyncio.sleep(0.02 if wanted else 0)


def _state(name: str, partitions: Sequence[Any], entries: Iterable[Any]) -> TopicState:
    replication = min((len(partition["replicas"]) for partition in partitions), default=0)
    return TopicState(name, len(partitions), {entry[0]: entry[1] for entry in entries}, replication)


def _new(topic: Topic) -> Any:
    if topic.replication:
        return NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=topic.settings)
    return NewTopic(topic.name, topic.partitions, -1, {}, topic.settings)  # aiokafka wants places along with a -1
