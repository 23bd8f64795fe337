"""Dead letters on the wire: a record that no fold could take, byte for byte, and what its headers say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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
