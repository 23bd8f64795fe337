"""A showing: what one view shows of one projection, encoded once, in the order of last changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from secrets import token_hex
from typing import NamedTuple

import orjson

from incidentlog.client.rows import Row
from incidentlog.gateway.frames import Frame, Frames, event, gone
from incidentlog.gateway.marks import Mark
from incidentlog.gateway.mirror import Held, Mirror
from incidentlog.gateway.tracing import RowTraces
from incidentlog.schemas import words
from incidentlog.schemas.rows import ESTIMATES

#: Makes of a row what the view shows; None: nothing.
Shows = Callable[[Row], Row | None]
#: No row has it: told when another version is live, after what differs in it.
VERSION = "\0version"
#: Bytes that go out at once; as many may wait for each slow reader.
SIZE = 64 << 10


class Portion(NamedTuple):
    """Some frames as they are sent, the sequence number after which to go on, and how many rows they are."""

    text: bytes
    cursor: int
    rows: int = 0


class Showing:
    """Rows as `shows` lets through. A reader of a stream is a number: it has everything up to that change.

    What changes goes out to all at most every `pause` seconds, each key once. `refresh` when `shows` has come to answer
    otherwise.
    """

    def __init__(self, mirror: Mirror, shows: Shows, pause: float = 0) -> None:
        self.mirror, self._shows, self._pause = mirror, shows, pause
        self._name = token_hex(4)
        self.sequence = 0
        self._frames = Frames()
        self._rows: dict[str, Frame] = {}
        self._days: dict[str, str] = {}
        self._latest: tuple[int, str | None] = (-1, None)
        self.recorded = 0
        """When the newest change that is shown was recorded, in milliseconds since 1970; 0: nothing was."""
        self._sorted: list[str] | None = None
        self._hidden: dict[str, int] = {}
        self._version = mirror.version
        self._digest = 0
        self._cache: dict[tuple[int, int, int], Portion] = {}
        self._waiting: set[asyncio.Future[None]] = set()
        self._due: asyncio.TimerHandle | None = None
        self._told = 0.0
        self.traces: RowTraces | None = None
        """The traces of rows on their way to readers, if there are any."""
        self.take(list(mirror.held.values()))
        mirror.listeners.append(self.take)

    @property
    def mark(self) -> Mark:
        """What whoever has everything knows."""
        digest = f"{self._digest:x}"
        return Mark(self.mirror.version, self.mirror.vector, digest, self._name, self.sequence)

    @property
    def keys(self) -> Sequence[str]:
        """The keys shown, sorted."""
        if self._sorted is None:
            self._sorted = sorted(self._rows)
        return self._sorted

    def data(self, key: str) -> bytes | None:
        """A row as JSON."""
        frame = self._rows.get(key)
        return None if frame is None else frame.data

    @property
    def as_of(self) -> str | None:
        """The latest last day of all rows."""
        if self._latest[0] != self.sequence:
            self._latest = self.sequence, max(self._days.values(), default=None)
        return self._latest[1]

    def hidden(self, key: str) -> bool:
        """Whether there is such a row, but not in this view."""
        return key in self._hidden

    def portion(self, cursor: int, *, news_from: int = 0, size: int = SIZE) -> Portion:
        """What changed after `cursor`, each key once, the oldest change first; no more than about `size` bytes at once.

        What was gone before `news_from` is left out: for a reader who had nothing then.
        """
        news_from = news_from if cursor < news_from else 0
        found = self._cache.get((cursor, news_from, size))
        if found is None:
            parts, length, reached = [], 0, self.sequence
            for frame in self._frames.after(cursor):
                if length >= size:
                    break
                reached = frame.sequence
                if frame.sequence > news_from or (frame.key in self._rows):
                    parts.append(frame.text)
                    length += len(frame.text)
            else:
                reached = self.sequence
            found = self._cache[cursor, news_from, size] = Portion(b"".join(parts), reached, len(parts))
        return found

    def resumed(self, mark: Mark) -> Portion | None:
        """What is new to whoever knows `mark`; None if nobody can tell, or if it is more than everything would be."""
        here = mark.gateway == self._name and mark.sequence <= self.sequence
        if here and not mark.partial:
            return Portion(b"", mark.sequence)
        now = self.mark
        if (mark.version, mark.digest, len(mark.vector)) != (now.version, now.digest, len(now.vector)):
            return None
        if any(known > there for known, there in zip(mark.vector, now.vector, strict=True)):
            return None
        if not self.mirror.knows_since(mark.vector):
            return None
        news = self._news(mark, after=mark.sequence if here else -1)
        if len(news) > len(self._rows):
            return None
        marks = [*(mark._replace(gateway=self._name, sequence=number, partial=True) for number, _ in news[:-1]), now]
        texts = [_identified(each, body) for each, (_, body) in zip(marks, news, strict=False)]
        return Portion(b"".join(texts), self.sequence)

    def _news(self, mark: Mark, after: int) -> list[tuple[int, bytes]]:
        """What was recorded since `mark`, and is counted after `after` here: (count, event), in this order."""
        news = []
        for held in self.mirror.held.values():
            if held.offset >= mark.vector[held.partition] and not self.hidden(held.key):
                frame = self._frames.get(held.key)
                number = 0 if frame is None else frame.sequence
                if number > after:
                    news.append((number, self._body(held.key, self.data(held.key))))
        return sorted(news)

    def since(self, cursor: int) -> Iterator[Frame]:
        """What changed after `cursor`, each key once, the oldest change first; nothing may change meanwhile."""
        return self._frames.after(cursor)

    async def changed(self, cursor: int) -> None:
        """Wait until something changes after `cursor`, or until there is reason for a sign of life."""
        if self.sequence <= cursor:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)

    def beat(self) -> None:
        """Wake all who wait."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def take(self, changes: Sequence[Held]) -> None:
        """Take in what changed in one moment."""
        encoded = [(each.key, self._encoded(each)) for each in changes]
        if self._version != self.mirror.version:
            self._version = self.mirror.version
            told = orjson.dumps({"projection": self.mirror.projection, "version": self._version})
            self._put([*self._differences(encoded), (VERSION, told)])
        else:
            self._put(self._differences(encoded))
            self._trace(changes)

    def _trace(self, changes: Sequence[Held]) -> None:
        record = self.mirror.newest
        if self.traces is not None and record is not None and [record.offset] == [each.offset for each in changes]:
            self.traces.took((record.topic, record.partition, record.offset), record.headers, self.sequence)

    def refresh(self, keys: Iterable[str] | None = None) -> None:
        """Look again at rows (all by default) that may be shown otherwise than before, as one moment."""
        held = self.mirror.held
        self.take([held[key] for key in (list(held) if keys is None else keys) if key in held])

    def _differences(self, encoded: Iterable[tuple[str, bytes | None]]) -> list[tuple[str, bytes | None]]:
        return [(key, data) for key, data in encoded if data != self.data(key)]

    def _put(self, changes: Sequence[tuple[str, bytes | None]]) -> None:
        for number, (key, data) in enumerate(changes, 1):
            self.sequence += 1
            mark = self.mark if number == len(changes) else Mark("", (), "", self._name, self.sequence)
            frame = Frame(key, self.sequence, str(mark).encode(), self._body(key, data))
            self._frames.put(frame)
            if key != VERSION:
                self._keep(frame)
        if changes:
            self._cache.clear()
            self._tell_soon()

    def _body(self, key: str, data: bytes | None) -> bytes:
        if data is None:
            return gone(self.mirror.projection, key)
        return event("version" if key == VERSION else "row", data)

    def _keep(self, frame: Frame) -> None:
        gone_now = frame.data is None
        if gone_now != (frame.key not in self._rows):
            self._sorted = None
        if gone_now:
            self._rows.pop(frame.key, None)
        else:
            self._rows[frame.key] = frame

    def _encoded(self, held: Held) -> bytes | None:
        row = held.row
        shown = None if row is None else self._shows(row)
        if row is not None and shown is None:
            self._hide(held.key)
        elif held.key in self._hidden:
            self._digest ^= self._hidden.pop(held.key)
        if shown is None:
            self._days.pop(held.key, None)
            return None
        self.recorded = max(self.recorded, held.recorded)
        day = shown.get("as_of") or shown.get("end")
        if day is not None:
            self._days[held.key] = day
        # Copied: what orjson makes takes up kilobytes, however little is in it.
        return b"".join((orjson.dumps({**shown, "label": _label(shown), "recorded": moment(held.recorded)}), b""))

    def _hide(self, key: str) -> None:
        if key not in self._hidden:
            self._hidden[key] = int.from_bytes(blake2b(key.encode(), digest_size=8).digest())
            self._digest ^= self._hidden[key]

    def _tell_soon(self) -> None:
        if self._waiting and self._due is None:
            loop = asyncio.get_running_loop()
            self._due = loop.call_at(max(loop.time(), self._told + self._pause), self._tell)

    def _tell(self) -> None:
        self._due, self._told = None, asyncio.get_running_loop().time()
        self.beat()


def _identified(mark: Mark, body: bytes) -> bytes:
    return b"id: " + str(mark).encode() + b"\n" + body


def moment(milliseconds: int) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _label(row: Row) -> str:
    if row["projection"] != ESTIMATES:
        return words.label(row["key"])
    _, nationality, *places = row["key"].split("/")
    return f"{words.label(nationality)}, in {words.label(places[-1])}"
