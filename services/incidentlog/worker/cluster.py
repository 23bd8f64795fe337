"""What a cluster says of its topics: among it their identities, which tell a topic from one made anew under its name.

aiokafka asks for metadata in a version that knows no identities yet; this is the same request in the version of Kafka 3.
"""

# mypy: disable-error-code="misc"
# To the type checker aiokafka's classes are Any.
from __future__ import annotations

import uuid
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the cluster knows it: `id` is its own for ever."""

    id: str
    partitions: int


async def describe(client: Any) -> dict[str, TopicState]:
    """All topics by name, as a connected aiokafka client's next broker tells; KafkaError if it does not."""
    response = await client.send(client.get_random_node(), _AllTopics())
    return {
        topic["name"]: TopicState(topic["id"], len(topic["partitions"])) for topic in response.to_object()["topics"]
    }


class _Identity:
    """Sixteen bytes, told as a UUID's hexadecimal digits."""

    @staticmethod
    def encode(value: str) -> bytes:
        return uuid.UUID(value).bytes

    @staticmethod
    def decode(data: BytesIO) -> str:
        return uuid.UUID(bytes=data.read(16)).hex


_TAGS = ("tags", TaggedFields)
_NAME = CompactString("utf-8")
_BROKERS = CompactArray(("node_id", Int32), ("host", _NAME), ("port", Int32), ("rack", _NAME), _TAGS)
_PARTITIONS = CompactArray(
    ("error_code", Int16), ("partition", Int32), ("leader", Int32), ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)), ("in_sync", CompactArray(Int32)), ("offline", CompactArray(Int32)), _TAGS,
)  # fmt: skip
_TOPICS = CompactArray(
    ("error_code", Int16), ("name", _NAME), ("id", _Identity), ("is_internal", Boolean), ("partitions", _PARTITIONS),
    ("authorized_operations", Int32), _TAGS,
)  # fmt: skip


class _Answer(Response):
    API_KEY, API_VERSION, FLEXIBLE_VERSION = 3, 12, True
    SCHEMA = Schema(
        ("throttle_time_ms", Int32), ("brokers", _BROKERS), ("cluster_id", _NAME), ("controller_id", Int32),
        ("topics", _TOPICS), _TAGS,
    )  # fmt: skip


class _Question(RequestStruct):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 3, 12, True, _Answer
    SCHEMA = Schema(
        ("topics", CompactArray(("id", _Identity), ("name", _NAME), _TAGS)), ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean), _TAGS,
    )  # fmt: skip


class _AllTopics(Request[_Question]):
    API_KEY = 3

    def build(self, request_struct_class: type[_Question]) -> _Question:
        return request_struct_class(None, False, False, {})  # noqa: FBT003 - as on the wire
