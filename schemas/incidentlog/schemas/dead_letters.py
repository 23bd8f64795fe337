"""Dead letters on the wire: a record that no fold could take, byte for byte, and what its headers say of it.

Letters stay for ever. That one was mended and published again stands beside them, on the compacted topic `incidentlog.redriven`,
keyed by the letter's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import orjson

from incidentlog.schemas.errors import DecodeError

#: What each header of a dead letter says. The record's own headers stand before them: of equal names the last one counts.
HEADERS = {
    "reason": "why it was refused, a stable word for programs",
    "detail": "why it was refused, for people",
    "topic": "where the record lay",
    "partition": "the number of its partition there",
    "offset": "its offset there",
    "event_type": "what the event called itself; empty where that could not be read",
    "processor": "which stage of the workers refused it",
    "cut": "only if the record was too large to be kept whole: how many bytes its key and value had, and how many headers",
}
#: The words that `reason` may be.
REASONS = (
    "null_value", "oversized", "invalid_json", "not_an_event", "unknown_type", "unknown_version", "invalid_event",
    "wrong_topic", "wrong_key", "wrong_partition",
)  # fmt: skip


class Origin(NamedTuple):
    """Where a record lay. It tells a dead letter from its repetition: after a crash one may be written twice."""

    topic: str
    partition: int
    offset: int


def origin(headers: Iterable[tuple[str, bytes]]) -> Origin:
    """Where the record of a dead letter lay, from its headers; KeyError or ValueError if they are not a dead letter's."""
    told = dict(headers)
    return Origin(told["topic"].decode(), int(told["partition"]), int(told["offset"]))


def letter_id(origin: Origin, value: bytes | None) -> str:
    """What a letter and its repetitions are called, 16 hexadecimal digits: a topic that is made anew has other ones."""
    place = f"{origin.topic}\n{origin.partition}\n{origin.offset}\n".encode()
    return hashlib.sha256(place + (b"-" if value is None else b"+" + value)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Redriven:
    """What became of a letter: the event it was published as, and where that stands; `offset` is None where it was known
    before. `edited`: somebody mended what it says."""

    event: str
    outcome: Literal["appended", "known"]
    topic: str
    partition: int
    offset: int | None
    edited: bool


def encode_redriven(redriven: Redriven) -> bytes:
    """The value that marks a letter as done."""
    return orjson.dumps(redriven)


def decode_redriven(value: bytes) -> Redriven:
    """What became of a letter. DecodeError (`invalid_mark`) otherwise."""
    try:
        return Redriven(**orjson.loads(value))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise DecodeError("invalid_mark", f"{value[:80]!r} says not what became of a letter") from error
