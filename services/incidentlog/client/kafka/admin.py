"""aiokafka's admin client as an Admin."""

# ruff: noqa: SLF001 - the connections of a consumer that fails to stop must be closed all the same

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from incidentlog.client.errors import BrokerRefused
from incidentlog.client.kafka.calls import REQUEST_MS, closed, reaching
from incidentlog.client.kafka.denials import Doing, denied
from incidentlog.client.ports import TopicPartition, TopicState
from incidentlog.schemas.topics import Topic


class KafkaAdmin:
    """aiokafka's admin client as an Admin."""

    def __init__(self, client: Any, address: str, options: Mapping[str, Any] | None = None) -> None:
        self._client, self._address = client, address
        self._options = options or {"bootstrap_servers": address}

    def _reaching(self, operation: str, name: str = "") -> AbstractContextManager[None]:
        return reaching(self._address, Doing.by(self._options, operation, name))

    def _refused(self, code: int, message: str, operation: str, name: str) -> BrokerRefused:
        """The error for an answer's code; `operation` as it is in the table of rights, `message` of the broker's if it has any."""
        error, doing = for_code(code), Doing.by(self._options, operation, name)
        refused = denied(error(name), self._address, doing)
        return refused or BrokerRefused(self._address, f"to {operation} {name}: {message or error.__name__}")

    async def names(self) -> list[str]:
        """The names of all topics."""
        with self._reaching("describe"):
            return [topic["topic"] for topic in await self._client.describe_topics()]

    async def describe(self, names: Iterable[str]) -> dict[str, TopicState]:
        """Those that exist. All topics are listed, since asking for a missing one by name can create it."""
        names = list(names)
        with self._reaching("describe"):
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
                    raise self._refused(code, message, "tell the settings of", name)
        return found

    async def create(self, topics: Sequence[Topic]) -> list[str]:
        """Create topics, with the cluster's own replication factor where they say none."""
        wanted = list(map(_new, topics))
        with self._reaching("create"):
            response = await self._client.create_topics(wanted)
        created = []
        for name, code, message in response.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise self._refused(code, message, "create", name)
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
        with self._reaching("delete"):
            response = await self._client.delete_topics(found)
        for name, code in response.topic_error_codes:
            if code:
                raise self._refused(code, "", "delete", name)
        while not there.isdisjoint(found):
            await asyncio.sleep(0.02)
            there = set(await self.names())
        return found

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """The group's committed offsets."""
        with self._reaching("describe", group):
            found = await self._once_coordinated(self._client.list_consumer_group_offsets, group)
        return {TopicPartition(*each): at.offset for each, at in found.items() if at.offset >= 0}

    async def owners(self, group: str) -> dict[TopicPartition, str]:
        """The partitions that members of a classic group were assigned, by their client ids."""
        with self._reaching("describe", group):
            [response] = await self._once_coordinated(self._client.describe_consumer_groups, [group])
        if response.groups[0][0]:
            raise self._refused(response.groups[0][0], "", "describe", group)
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
            with self._reaching("commit to", group):
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
            with self._reaching("describe"):
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
