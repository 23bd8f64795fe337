"""Dead letters: records that no fold can take, byte for byte as they came, with the reason in their headers."""

from __future__ import annotations

from typing import Any, NamedTuple

from incidentlog.schemas.errors import IncidentlogError
from incidentlog.worker.outbox import Outgoing


class Refused(IncidentlogError):
    """A record is refused: `reason` for programs, `detail` for people, `event_type` if it could be read."""

    def __init__(self, reason: str, detail: str, event_type: str | None = None) -> None:
        self.reason, self.detail, self.event_type = reason, detail, event_type
        super().__init__(f"{reason}: {detail}")


class Origin(NamedTuple):
    """Where a record lay. It tells a dead letter from its repetition: after a crash one may be written twice."""

    topic: str
    partition: int
    offset: int


def dead_letter(record: Any, why: Refused, processor: str) -> Outgoing:
    """The record with its own headers and ours after them: of equal names the last one counts."""
    ours = {
        "reason": why.reason,
        "detail": why.detail,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "event_type": why.event_type or "",
        "processor": processor,
    }
    return record.key, record.value, [*record.headers, *((name, text.encode()) for name, text in ours.items())]


def origin(headers: Any) -> Origin:
    """Where the record of a dead letter lay, from its headers; KeyError or ValueError if they are not a dead letter's."""
    told = dict(headers)
    return Origin(told["topic"].decode(), int(told["partition"]), int(told["offset"]))
