"""Records that no fold can take, one of each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import orjson

from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from support.generate import Produced


class Poison(NamedTuple):
    """A bad record, where it goes, and why it is bad."""

    reason: str
    topic: str
    partition: int
    key: bytes
    value: bytes | None
    event_type: str


def poisons(good: Produced, topics: Topics) -> list[Poison]:
    """Every kind of bad record, made from a good event of a counted topic."""
    topic, partition = topics.events(good.home), partition_of(good.key, topics.partitions)

    def changed(change: Callable[[dict[str, object]], object]) -> bytes:
        envelope = orjson.loads(good.value)
        change(envelope)
        return orjson.dumps(envelope)

    def told(reason: str, value: bytes | None, event_type: str = "", **where: object) -> Poison:
        return Poison(reason, topic, partition, good.key, value, event_type)._replace(**where)  # type: ignore[arg-type]

    strange, newer = "org.incidentlog.MoonLanded.v1", f"org.incidentlog.{good.home}.v9"
    other = topics.events("HandoverReported")
    return [
        told("null_value", None),
        told("oversized", good.value + b" " * (64 << 10)),
        told("invalid_json", b'{"specversion":'),
        told("invalid_json", b"\xff\xfe"),
        *(told("invalid_json", value) for value in _malformed(good.value)),
        told("not_an_event", b"[1, 2]"),
        told("not_an_event", b'"RescueReported"'),
        told("not_an_event", changed(lambda e: e.pop("source"))),
        told("unknown_type", changed(lambda e: e.update(type="com.example.Other")), "com.example.Other"),
        told("unknown_type", changed(lambda e: e.update(type=strange)), "MoonLanded"),
        told("unknown_version", changed(lambda e: e.update(type=newer)), good.home),
        told("invalid_event", changed(lambda e: e.update(data={"ref": "X"})), good.home),
        told("invalid_event", changed(lambda e: e.update(data=7)), good.home),
        told("wrong_topic", good.value, good.home, topic=other),
        told("wrong_key", good.value, good.home, key=good.key + b"X"),
        told("wrong_key", good.value, good.home, key=good.key.lower()),
        told("wrong_partition", good.value, good.home, partition=(partition + 1) % topics.partitions),
    ]


def _malformed(good: bytes) -> list[bytes]:
    """What a lenient reader of JSON takes, or dies of."""
    head, _, tail = good.partition(b'"data":{')
    inside = (
        b'"x":1e400,',
        b'"x":NaN,',
        b'"x":-Infinity,',
        b'"x":"\\ud800",',
        b'"x":"\xed\xa0\x80",',
        b'"x":' + b"[" * 20_000,
    )
    return [b"", b"  ", b"[" * 30_000, b"[" * 2_000 + b"]" * 2_000, b"\xef\xbb\xbf" + good,
            *(head + b'"data":{' + each + tail for each in inside)]  # fmt: skip
