"""Frames: events as server-sent events spell them, encoded once for all who read them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

#: Entries of the order that may be empty before it is packed.
_SPARE = 1024


_ROW = b"event: row\ndata: "


def event(name: str, data: bytes) -> bytes:
    """An event without its id. `data` is JSON, which has no line breaks of its own."""
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"


def gone(projection: str, key: str) -> bytes:
    """The event of a row that is no more."""
    return event("gone", orjson.dumps({"projection": projection, "key": key}))


@dataclass(frozen=True, slots=True)
class Frame:
    """The newest event of one key."""

    key: str
    sequence: int
    mark: bytes
    body: bytes

    @property
    def data(self) -> bytes | None:
        """The row as JSON; None: it is gone, or kept back from now on. It is held only once, within the body."""
        return self.body[len(_ROW) : -2] if self.body.startswith(_ROW) else None

    @property
    def text(self) -> bytes:
        """As it is sent."""
        return b"id: " + self.mark + b"\n" + self.body


class Frames:
    """The newest frame of each key, in the order of last changes, from any place in it."""

    def __init__(self) -> None:
        self._by_key: dict[str, tuple[Frame, int]] = {}
        self._order: list[Frame | None] = []
        self._sequences: list[int] = []

    def get(self, key: str) -> Frame | None:
        """The newest of a key."""
        found = self._by_key.get(key)
        return None if found is None else found[0]

    def put(self, frame: Frame) -> None:
        """Add the newest frame of its key; sequences grow."""
        before = self._by_key.get(frame.key)
        if before is not None:
            self._order[before[1]] = None
        self._by_key[frame.key] = frame, len(self._order)
        self._order.append(frame)
        self._sequences.append(frame.sequence)
        if len(self._order) > 2 * len(self._by_key) + _SPARE:
            self._pack()

    def after(self, sequence: int) -> Iterator[Frame]:
        """Those after `sequence`; nothing may be put meanwhile."""
        for number in range(bisect_right(self._sequences, sequence), len(self._order)):
            frame = self._order[number]
            if frame is not None:
                yield frame

    def _pack(self) -> None:
        order = [frame for frame in self._order if frame is not None]
        self._by_key = {frame.key: (frame, number) for number, frame in enumerate(order)}
        self._order[:] = order
        self._sequences = [frame.sequence for frame in order]
