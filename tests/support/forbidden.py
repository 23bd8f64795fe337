"""What whoever has a leaked credential might try, role by role; each is refused in words of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from incidentlog.client import Subscriber, ports
from incidentlog.client.connect import broker_as
from incidentlog.client.kafka.calls import reaching
from incidentlog.client.kafka.denials import Doing
from incidentlog.client.reading import partitions_of, read_all
from incidentlog.local.scram import SHA_512, put_users
from incidentlog.schemas.access import grants
from incidentlog.schemas.topics import Topic, Topics
from incidentlog.topics import grant
from support.secured import Cluster

TOPICS = Topics("secured")
OTHER = Topics("secured", "v2")
EVENTS, ROWS = TOPICS.events("AdvisoryIssued"), TOPICS.rows("rescued-by-nationality")
Attempt = Callable[[Cluster, str], Awaitable[object]]


class Forbidden(NamedTuple):
    """An attempt as `role`, and what the refusal names."""

    role: str
    operation: str
    name: str
    attempt: Attempt

    def __str__(self) -> str:
        return f"{self.role} may not {self.operation} {self.name}".replace(" ", "-")


def read(topic: str) -> Attempt:
    async def attempt(cluster: Cluster, role: str) -> None:
        async with cluster.connected(role).reader() as reader:
            assert not [chunk async for chunk in read_all(reader, await partitions_of(reader, [topic]))], "read"

    return attempt


def write(topic: str) -> Attempt:
    async def attempt(cluster: Cluster, role: str) -> None:
        async with cluster.connected(role).producer() as producer:
            batch = producer.batch()
            batch.append(b"VNM", b"{}", ())
            await (await producer.send(ports.TopicPartition(topic, 0), batch))

    return attempt


async def follow(cluster: Cluster, role: str) -> None:
    async with Subscriber(cluster.connected(role), "rescued-by-nationality", topics=TOPICS) as subscriber:
        await subscriber.snapshot()


def create(cluster: Cluster, role: str) -> Awaitable[object]:
    return _as_admin(cluster, role, lambda admin: admin.create([Topic("secured.more", "stream", 1)]))


def delete(topic: str) -> Attempt:
    async def attempt(cluster: Cluster, role: str) -> None:
        # Straight to the broker: who may not even see a topic would find nothing to delete.
        async def delete_it(client: Any) -> None:
            for _, code in (await client.delete_topics([topic])).topic_error_codes:
                _raise(code, topic)

        await raw(cluster, role, "delete", topic, delete_it)

    return attempt


def settings(cluster: Cluster, role: str) -> Awaitable[object]:
    return _as_admin(cluster, role, lambda admin: admin.describe([EVENTS]))


def committed(cluster: Cluster, role: str) -> Awaitable[object]:
    return _as_admin(cluster, role, lambda admin: admin.committed(TOPICS.group))


def owners(cluster: Cluster, role: str) -> Awaitable[object]:
    return _as_admin(cluster, role, lambda admin: admin.owners(TOPICS.group))


def rewind(group: str) -> Attempt:
    return lambda cluster, role: _as_admin(
        cluster, role, lambda admin: admin.commit(group, {ports.TopicPartition(EVENTS, 0): 0})
    )


async def enrich(cluster: Cluster, role: str) -> None:
    await grant(cluster.connected(role), f"User:{role}", grants("operator", TOPICS))


async def add_user(cluster: Cluster, role: str) -> None:
    options = cluster.options(role)
    with reaching(cluster.bootstrap, Doing.by(options, "add users to")):
        del options["bootstrap_servers"]
        await put_users(cluster.bootstrap, options, {"intruder": "x"}, SHA_512)


async def cut(cluster: Cluster, role: str) -> None:
    await raw(cluster, role, "delete records of", EVENTS,
              lambda client: client.delete_records({TopicPartition(EVENTS, 0): RecordsToDelete(-1)}))  # fmt: skip


async def forget_soon(cluster: Cluster, role: str) -> None:
    async def alter(client: Any) -> None:
        asked = ConfigResource(ConfigResourceType.TOPIC, EVENTS, {"retention.ms": "1"})
        for answer in await client.alter_configs([asked]):
            for code, *_ in answer.resources:
                _raise(code, EVENTS)

    await raw(cluster, role, "alter", EVENTS, alter)


async def split(cluster: Cluster, role: str) -> None:
    async def add(client: Any) -> None:
        answer = await client.create_partitions({EVENTS: NewPartitions(9)})
        for _, code, *_ in answer.topic_errors:
            _raise(code, EVENTS)

    await raw(cluster, role, "alter", EVENTS, add)


def join(group: str, topic: str) -> Attempt:
    async def attempt(cluster: Cluster, role: str) -> None:
        options = cluster.options(role)
        consumer = AIOKafkaConsumer(topic, **options, group_id=group)
        try:
            with reaching(cluster.bootstrap, Doing.by(options, "join", group)):
                await consumer.start()
                await consumer.getmany(timeout_ms=5000)
        finally:
            await consumer.stop()

    return attempt


def fence(name: str) -> Attempt:
    """Take over a worker's transactional id, so that it can write no more."""

    async def attempt(cluster: Cluster, role: str) -> None:
        options = cluster.options(role)
        producer = AIOKafkaProducer(**options, transactional_id=name)
        try:
            with reaching(cluster.bootstrap, Doing.by(options, "write as", name)):
                await producer.start()
        finally:
            await producer.stop()

    return attempt


async def raw(cluster: Cluster, role: str, operation: str, name: str, work: Callable[[Any], Awaitable[object]]) -> None:
    """What none of our programs would ask for."""
    options = cluster.options(role)
    client = AIOKafkaAdminClient(**options)
    try:
        with reaching(cluster.bootstrap, Doing.by(options, operation, name)):
            await client.start()
            await work(client)
    finally:
        await client.close()


async def _as_admin(cluster: Cluster, role: str, work: Callable[[ports.Admin], Awaitable[object]]) -> None:
    async with broker_as(cluster.bootstrap, cluster.variables(role)).admin() as admin:
        await work(admin)


def _raise(code: int, name: str) -> None:
    if code:
        raise for_code(code)(name)


FORBIDDEN = [
    Forbidden("producer", "read", EVENTS, read(EVENTS)),
    Forbidden("producer", "read", TOPICS.versions, follow),
    Forbidden("producer", "read", TOPICS.notes, read(TOPICS.notes)),
    Forbidden("producer", "write", TOPICS.notes, write(TOPICS.notes)),
    Forbidden("producer", "write", ROWS, write(ROWS)),
    Forbidden("producer", "write", TOPICS.dead_letters, write(TOPICS.dead_letters)),
    Forbidden("producer", "write", TOPICS.versions, write(TOPICS.versions)),
    Forbidden("producer", "delete", EVENTS, delete(EVENTS)),
    Forbidden("producer", "delete records of", EVENTS, cut),
    Forbidden("producer", "create", "secured.more", create),
    Forbidden("producer", "tell the settings of", EVENTS, settings),
    Forbidden("producer", "look at or change the rights of", "the cluster", enrich),
    Forbidden("subscriber", "write", "topic", write(EVENTS)),
    Forbidden("subscriber", "write", "any topic", write(ROWS)),
    Forbidden("subscriber", "read", EVENTS, read(EVENTS)),
    Forbidden("subscriber", "read", TOPICS.statements, read(TOPICS.statements)),
    Forbidden("subscriber", "describe", TOPICS.group, committed),
    Forbidden("subscriber", "describe", TOPICS.group, owners),
    Forbidden("subscriber", "commit to", TOPICS.group, rewind(TOPICS.group)),
    Forbidden("subscriber", "join", TOPICS.group, join(TOPICS.group, ROWS)),
    Forbidden("subscriber", "delete", ROWS, delete(ROWS)),
    Forbidden("worker", "delete", ROWS, delete(ROWS)),
    Forbidden("worker", "delete", EVENTS, delete(EVENTS)),
    Forbidden("worker", "delete records of", EVENTS, cut),
    Forbidden("worker", "alter", EVENTS, forget_soon),
    Forbidden("worker", "write", EVENTS, write(EVENTS)),
    Forbidden("worker", "write", TOPICS.versions, write(TOPICS.versions)),
    Forbidden("worker", "write", OTHER.rows("estimates"), write(OTHER.rows("estimates"))),
    Forbidden("worker", "write as", "secured-v2-0", fence("secured-v2-0")),
    Forbidden("worker", "commit to", OTHER.group, rewind(OTHER.group)),
    Forbidden("gateway", "write", "topic", write(EVENTS)),
    Forbidden("gateway", "delete records of", EVENTS, cut),
    Forbidden("gateway", "write as", "secured-v1-0", fence("secured-v1-0")),
    Forbidden("gateway", "join", TOPICS.group, join(TOPICS.group, ROWS)),
    Forbidden("gateway-publishing", "write", ROWS, write(ROWS)),
    Forbidden("reviewer", "delete", EVENTS, delete(EVENTS)),
    Forbidden("operator", "delete", EVENTS, delete(EVENTS)),
    Forbidden("operator", "alter", EVENTS, split),
    Forbidden("operator", "alter", EVENTS, forget_soon),
    Forbidden("operator", "add users to", "the cluster", add_user),
    Forbidden("operator", "look at or change the rights of", "the cluster", enrich),
]
