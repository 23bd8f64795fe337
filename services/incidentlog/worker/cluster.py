"""What a cluster says of its topics: among it their identities, which tell a topic from one made anew under its name.

aiokafka asks for metadata in a version that knows no identities yet; this is the same request in the version of Kafka 3.
"""

# mypy: disable-error-code="misc"
# To the type checker aiokafka's classes are Any.
from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiokafka.errors import TopicAuthorizationFailedError, for_code
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

#: Numbers of what may be done with a topic.
READ, WRITE = 3, 4
#: The identity of none: who says the name leaves it out.
_BY_NAME = "0" * 32


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the cluster knows it: `id` is its own for ever. `may` are the numbers of what whoever asks may do."""

    id: str
    partitions: int
    may: frozenset[int] = frozenset({READ, WRITE})


async def describe(client: Any) -> dict[str, TopicState]:
    """All topics by name that may be seen, as a connected aiokafka client's next broker tells; KafkaError if it does not."""
    response = await client.send(client.get_random_node(), _Topics(None))
    return {
        topic["name"]: TopicState(topic["id"], len(topic["partitions"]), _allowed(topic["authorized_operations"]))
        for topic in response.to_object()["topics"]
    }


async def hidden(client: Any, names: Iterable[str]) -> list[str]:
    """Those that may be there, but not be seen by whoever asks."""
    response = await client.send(client.get_random_node(), _Topics(names))
    answers = response.to_object()["topics"]
    return [topic["name"] for topic in answers if for_code(topic["error_code"]) is TopicAuthorizationFailedError]


async def may_with_group(admin: Any, group: str) -> frozenset[int]:
    """What whoever asks may do with a consumer group; KafkaError if that is not even to see it."""
    coordinator = await admin.find_coordinator(group)
    answer = await admin._client.send(coordinator, _Group(group))  # noqa: SLF001 - aiokafka's own is wrong about the answer
    code, *_, operations = answer.groups[0]
    if code:
        raise for_code(code)(group)
    return _allowed(operations)


def _allowed(bits: int) -> frozenset[int]:
    return frozenset(number for number in (READ, WRITE) if bits >> number & 1)


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


class _Topics(Request[_Question]):
    """About the topics of these names; None: about all."""

    API_KEY = 3

    def __init__(self, names: Iterable[str] | None) -> None:
        self._names: list[tuple[str, str, dict[int, bytes]]] | None = (
            None if names is None else [(_BY_NAME, name, {}) for name in names]
        )

    def build(self, request_struct_class: type[_Question]) -> _Question:
        return request_struct_class(self._names, False, True, {})  # noqa: FBT003 - as on the wire


class _GroupQuestion(DescribeGroupsRequest_v3):
    """aiokafka's, but for the form of the answer, which there is that of the version before."""

    RESPONSE_TYPE = DescribeGroupsResponse_v3


class _Group(Request[_GroupQuestion]):
    API_KEY = 15

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[_GroupQuestion]) -> _GroupQuestion:
        return request_struct_class([self._group], True)  # noqa: FBT003 - as on the wire
