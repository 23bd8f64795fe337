"""How an export in lines proves itself: lines of checksums among its events, each of them a CloudEvent of a type of ours.

The checksum of a line is the beginning of the sha256 of the file up to its end, so a line that is altered, added, missing or
elsewhere makes its own checksum wrong and all after it. Every BLOCK lines a line of type `sums` lists them, guarded by a
checksum of its own; one more ends the file, so that a cut at any byte shows, between two lines as well. One file that holds
everything cannot lose its checksums on the way, as it would with a second file; readers of events skip what begins with MARK.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import orjson

#: How a line begins that is not an event of the log.
MARK = b'{"specversion":"1.0","type":"org.incidentlog.export.'
BLOCK = 100
_DIGITS = 16


def own(kind: str, name: str, data: Any) -> bytes:
    """A line that says something of the export (`begin`, `note`, `sums`, `end`), without its line feed."""
    line = {"specversion": "1.0", "type": f"org.incidentlog.export.{kind}.v1", "id": name,
            "source": "urn:incidentlog:export", "data": data}  # fmt: skip
    return orjson.dumps(line)


def is_own(line: bytes, kind: str) -> bool:
    """Whether a line is one of these, of that kind."""
    return line.startswith(b'%s%s.v1"' % (MARK, kind.encode()))


class Sums(NamedTuple):
    """What a line of checksums says: of the lines from `first` on, until it; `last` ends the file."""

    first: int
    sums: tuple[str, ...]
    last: bool

    def line(self) -> bytes:
        """The line itself: these say all of it, so a single other byte shows."""
        guard = hashlib.sha256("".join(self.sums).encode()).hexdigest()[:_DIGITS]
        data = {"first": self.first, "sums": self.sums, "last": self.last, "guard": guard}
        return own("sums", f"sums-{self.first}", data)

    @classmethod
    def read(cls, line: bytes) -> Sums | None:
        """What the line says; None if it is not as it was written."""
        try:
            data = orjson.loads(line)["data"]
            found = cls(data["first"], tuple(data["sums"]), data["last"])
            return found if found.line() == line else None
        except (orjson.JSONDecodeError, TypeError, KeyError, ValueError):
            return None


class Running:
    """The checksums of a file's lines, one after another."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._first, self._sums = 1, list[str]()

    @property
    def lines(self) -> int:
        """How many lines wait for their line of checksums."""
        return len(self._sums)

    def take(self, line: bytes) -> None:
        """The next line, its line feed included."""
        self._hash.update(line)
        self._sums.append(self._hash.hexdigest()[:_DIGITS])

    def sums(self, *, last: bool) -> Sums:
        """What the line of checksums must say that comes now."""
        return Sums(self._first, tuple(self._sums), last)

    def passed(self, line: bytes) -> None:
        """That line was written, or read and found right."""
        self._hash.update(line)
        self._first, self._sums = self._first + len(self._sums) + 1, []
