"""Exports as lines of JSON: each event as it was in the log, byte for byte, its paraphrase after it, checksums in between.

The file stays one CloudEvent per line, for `incidentlog fold`, `incidentlog publish` and whatever else reads such files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import orjson

from incidentlog.exchange.about import FORMAT, About, Exported
from incidentlog.exchange.errors import Damaged, NewerExport, NotAnExport
from incidentlog.exchange.sums import BLOCK, MARK, Running, Sums, is_own, own
from incidentlog.schemas.envelope import parse_type
from incidentlog.schemas.errors import DecodeError

#: No line of an export is longer: events have at most 64 KiB, positions some bytes for each partition.
_LONGEST = 1 << 20


class LinesWriter:
    """Writes an export in lines. The order is that of the calls."""

    def __init__(self, stream: BinaryIO, about: About) -> None:
        self._stream, self._about, self._running = stream, about, Running()
        self._put(own("begin", "begin", about.begin()))

    def add(self, event: bytes, envelope: Mapping[str, Any], note: str | None) -> None:
        """Write one event; what a foreign producer spread over several lines is written in one."""
        self._put(orjson.dumps(envelope) if b"\n" in event else event)
        if note is not None:
            self._put(own("note", f"note-{envelope['id']}", note))

    def close(self) -> None:
        """Write what comes after the last event."""
        self._put(own("end", "end", self._about.end()))
        self._put_sums(last=True)

    def _put(self, text: bytes) -> None:
        if self._running.lines == BLOCK:
            self._put_sums(last=False)
        self._stream.write(text + b"\n")
        self._running.take(text + b"\n")

    def _put_sums(self, *, last: bool) -> None:
        line = self._running.sums(last=last).line() + b"\n"
        self._stream.write(line)
        self._running.passed(line)


class _Line(NamedTuple):
    number: int
    byte: int
    text: bytes
    """Without its line feed."""


class LinesExport:
    """Reads an export in lines, a block at a time: a line is given away once the line of checksums after it agrees."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._stream, self.file = stream, file
        self._size = self._count = 0

    def check(self) -> About:
        """Read it through and say what it holds."""
        about = About()
        for line in self._lines():
            if is_own(line.text, "begin"):
                about = About(**orjson.loads(line.text)["data"])
            elif is_own(line.text, "end"):
                end = orjson.loads(line.text)["data"]
                about.events, about.notes, about.left_out = end["events"], end["notes"], end["left_out"]
                about.types.update(end["types"])
        return about

    def records(self) -> Iterator[Exported]:
        """Its events with their paraphrases."""
        held: Exported | None = None
        for line in self._lines():
            if is_own(line.text, "note") and held is not None:
                held = held._replace(note=orjson.loads(line.text)["data"])
                continue
            if held is not None:
                yield held
            held = None if line.text.startswith(MARK) else Exported(line.text, None, line.number, line.byte)
        if held is not None:
            yield held

    def _lines(self) -> Iterator[_Line]:
        """All lines but those of checksums."""
        self._stream.seek(0)
        running, block, last = Running(), list[_Line](), False
        for line in self._raw():
            if last:
                raise self._damaged(line, "the file goes on after its end")
            if not is_own(line.text, "sums"):
                block.append(line)
                running.take(line.text + b"\n")
                if len(block) > BLOCK + 1:  # one that a stray line feed made two is told apart by the checksums
                    raise self._damaged(block[BLOCK], "the line of checksums that belongs here was altered")
                continue
            last = bool(block) and is_own(block[-1].text, "end")
            expected = running.sums(last=last)
            if line.text != expected.line():
                raise self._told_apart(block, expected, line)
            running.passed(line.text + b"\n")
            yield from block
            block.clear()
        if not last:
            raise self._cut(block)

    def _raw(self) -> Iterator[_Line]:
        number, byte = 0, 0
        while text := self._stream.readline(_LONGEST):
            number += 1
            line = _Line(number, byte, text.removesuffix(b"\n"))
            if number == 1:
                self._begins(line)
            if text[-1:] != b"\n":
                raise self._damaged(
                    line, "the file was cut off within this line" if len(text) < _LONGEST else "too long a line"
                )
            if text.find(MARK, 1) > 0:
                raise self._damaged(line, "the line feed within this line is missing")
            yield line
            byte += len(text)
        self._size, self._count = byte, number
        if not number:
            raise NotAnExport(self.file)

    def _begins(self, line: _Line) -> None:
        if not is_own(line.text, "begin"):
            raise NotAnExport(self.file)
        try:
            found = orjson.loads(line.text)["data"]["format"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise self._damaged(line, "this line was altered") from None
        if found != FORMAT:
            raise NewerExport(self.file, found)

    def _told_apart(self, block: list[_Line], expected: Sums, line: _Line) -> Damaged:
        """The first line of a block, or its line of checksums, that is not as it was written."""
        listed = Sums.read(line.text.rstrip())  # where all line ends were changed, the first line is the first bad one
        if listed is None:
            return self._damaged(line, "this line of checksums was altered")
        if listed.first != expected.first:
            return self._damaged((block or [line])[0], "another line belongs here: some are missing or were added")
        for found, computed, right in zip(block, expected.sums, listed.sums, strict=False):
            if computed != right:
                return self._damaged(found, "this line was altered: its checksum is another")
        if len(block) > len(listed.sums):
            return self._damaged(block[len(listed.sums)], "this line was added")
        missing = len(block) < len(listed.sums)
        return self._damaged(line, "lines before this one are missing" if missing else "this line was altered")

    def _cut(self, open_lines: list[_Line]) -> Damaged:
        """The file ended before its end: the first line that is no event, else the one that is not there."""
        for line in open_lines:
            if not (_is_event(line.text) or any(is_own(line.text, kind) for kind in ("begin", "note", "end"))):
                return self._damaged(line, "this line was altered")
        return Damaged(self.file, self._count + 1, self._size, "the file was cut off here: its end is missing")

    def _damaged(self, line: _Line, problem: str) -> Damaged:
        return Damaged(self.file, line.number, line.byte, problem)


def _is_event(text: bytes) -> bool:
    try:
        parse_type(orjson.loads(text)["type"])
    except (orjson.JSONDecodeError, DecodeError, KeyError, TypeError):
        return False
    return True
