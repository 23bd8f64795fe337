"""Dead letters: records that no fold can take, byte for byte as they came, with the reason in their headers.

One that would be larger than its topic takes (it came compressed, or nearly as large as that) loses its own headers, and the
end of its value or key; the header `cut` then says how many bytes each had.
"""

from __future__ import annotations

from typing import Any

from incidentlog.schemas.dead_letters import Origin
from incidentlog.schemas.errors import IncidentlogError
from incidentlog.worker.outbox import LARGEST_RECORD, Outgoing

#: Bytes of a record that are kept as they came; the reason needs some room beside them.
_KEPT = LARGEST_RECORD - (64 << 10)
#: Bytes of a key, and of the words that come with a reason: they may quote what they are about.
_KEPT_KEY, _KEPT_WORDS = 1 << 20, 4 << 10


class Refused(IncidentlogError):
    """A record is refused: `reason` for programs, `detail` for people, `event_type` if it could be read."""

    def __init__(self, reason: str, detail: str, event_type: str | None = None) -> None:
        self.reason, self.detail, self.event_type = reason, detail, event_type
        super().__init__(f"{reason}: {detail}")


def dead_letter(record: Any, origin: Origin, why: Refused, processor: str) -> Outgoing:
    """The record with its own headers and ours after them: of equal names the last one counts."""
    ours = {
        "reason": why.reason,
        "detail": why.detail[:_KEPT_WORDS],
        "topic": origin.topic,
        "partition": str(origin.partition),
        "offset": str(origin.offset),
        "event_type": (why.event_type or "")[:_KEPT_WORDS],
        "processor": processor,
    }
    key, value, own = record.key or b"", record.value or b"", [*record.headers]
    size = len(key) + len(value) + sum(len(name) + len(text) for name, text in own)
    if size > _KEPT:
        ours["cut"] = f"key {len(key)}, value {len(value)}, {len(own)} headers"
        key, own = key[:_KEPT_KEY], []
        value = value[: _KEPT - len(key)]
    told = [*own, *((name, text.encode(errors="replace")) for name, text in ours.items())]
    return None if record.key is None else key, None if record.value is None else value, told
