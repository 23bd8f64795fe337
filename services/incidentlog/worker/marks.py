"""Marks beside committed offsets. An offset counts only for the topics it was committed with.

Every commit carries the identity of the topic that was read, and a digest of the identities of those that its events were
folded into (the base). A topic that was made anew has another identity, and who moves a group's offsets by hand leaves no
mark at all: then reading starts at the beginning, which costs time but changes no number, since known events are known.
Where the base was made anew, what was folded into it is gone: its partition number starts afresh, from all its events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


def mark(source: str, base: Iterable[str] = ()) -> str:
    """The mark of a topic with identity `source` whose events end in topics with identities `base`."""
    ids = "".join(base)
    return f"{source}/{hashlib.sha256(ids.encode()).hexdigest()[:16] if ids else ''}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where reading goes on: an offset, or None for the beginning. `doubted` are offsets that do not count; `afresh` are
    partitions whose base was made anew."""

    offsets: Mapping[Any, int | None]
    doubted: Mapping[Any, int]
    afresh: frozenset[Any]


def believe(found: Mapping[Any, Any], assigned: Iterable[Any], marks: Mapping[str, str]) -> Standing:
    """What counts of the offsets `found` (with `offset` and `metadata`) by partition; a topic without a mark has the empty one."""
    committed = {tp: found[tp] for tp in assigned if tp in found and found[tp].offset >= 0}
    expected = {tp: marks.get(tp.topic, "") for tp in assigned}
    spoilt = {
        (_base(expected[tp]), tp.partition)
        for tp, each in committed.items()
        if each.metadata and _base(each.metadata) != _base(expected[tp])
    }
    afresh = frozenset(tp for tp in expected if (_base(expected[tp]), tp.partition) in spoilt)
    counts = {tp: each.offset for tp, each in committed.items() if tp not in afresh and each.metadata == expected[tp]}
    doubted = {tp: each.offset for tp, each in committed.items() if tp not in counts}
    return Standing({tp: counts.get(tp) for tp in expected}, doubted, afresh)


def _base(told: str) -> str:
    return told.rpartition("/")[2]
