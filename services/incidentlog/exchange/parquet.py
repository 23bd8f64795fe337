"""Exports and tables as Parquet: typed columns, of events also their bytes, and checksums of the whole file in its footer.

A part of the rows is written as one group; the footer lists the sha256 of each group's bytes, and one of its own (the seal),
computed with zeros in its place. So no byte of the file is read by anything but sha256 before it is known to be as it was
written. What was altered is known to within its group: in columns, a record lies in many places.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import orjson

from incidentlog.exchange.about import FORMAT, About, Exported
from incidentlog.exchange.columns import EVENTS, Column, Value, event_values
from incidentlog.exchange.errors import Damaged, ExportExtraMissing, NewerExport, NotAnExport

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    raise ExportExtraMissing from error

#: Rows of a group: so near is damage told, and so many are held at a time.
GROUP = 1_000
MAGIC = b"PAR1"
_NAME = "incidentlog.export"
_UNSEALED = b"0" * 64
_SEAL = b'{"seal":"'
_CHUNK = 1 << 20
#: The two magics and the footer's length; and more than the footer of a billion events.
_LEAST, _LARGEST_FOOTER = 12, 256 << 20
_NO_END = "the file does not end here as Parquet does: it was cut off; without its footer no record can be read"
_FOOTER = "the footer from here on was altered: without it no record can be read"
_PART = pa.struct([
    *((name, pa.string()) for name in ("cell", "host")), *((name, pa.int64()) for name in ("low", "best", "high")),
    ("as_of", pa.string()), ("residual", pa.bool_()),
])  # fmt: skip
_TYPES = {
    "text": pa.string(), "number": pa.int64(), "day": pa.date32(), "moment": pa.timestamp("us", tz="UTC"), "flag": pa.bool_(),
    "list": pa.list_(pa.string()), "parts": pa.list_(_PART), "bytes": pa.binary(),
}  # fmt: skip
#: Kinds that are worth a dictionary and statistics.
_SCALARS = ("text", "number", "day", "moment", "flag")


class ParquetTable:
    """Writes rows of values, in the order of `columns`."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column]) -> None:
        self._schema = pa.schema([(column.name, _TYPES[column.kind]) for column in columns])
        told = [column.name for column in columns if column.kind in _SCALARS]
        self._stream, self._waiting = _Hashed(stream), list[Sequence[Value]]()
        self._groups: list[tuple[int, int, str]] = []
        self._writer = pq.ParquetWriter(
            self._stream, self._schema, compression="zstd", use_dictionary=told, write_statistics=told
        )

    def row(self, row: Sequence[Value]) -> None:
        """Write a row, or keep it until its group is complete."""
        self._waiting.append(row)
        if len(self._waiting) == GROUP:
            self._write()

    def close(self, about: Mapping[str, Any]) -> None:
        """Write what is left, then the footer with `about` and the checksums."""
        self._write()
        told = {"seal": _UNSEALED.decode(), "groups": self._groups, **about}
        self._writer.add_key_value_metadata({_NAME: orjson.dumps(told).decode()})
        self._writer.close()
        stream = self._stream.stream
        start, footer, seal = _footer(stream, stream.seek(0, os.SEEK_END))
        stream.seek(start + seal)
        stream.write(hashlib.sha256(footer).hexdigest().encode())

    def _write(self) -> None:
        rows, self._waiting = self._waiting, []
        if rows:
            values = zip(zip(*rows, strict=True), self._schema, strict=True)
            arrays = [pa.array(column, type=field.type) for column, field in values]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._groups.append((len(rows), *self._stream.part()))


class ParquetEvents:
    """Writes events: the columns of the table for people, then what an import reads."""

    def __init__(self, stream: BinaryIO, about: About) -> None:
        self._table, self._about = ParquetTable(stream, [*EVENTS, Column("note"), Column("event", "bytes")]), about

    def add(self, event: bytes, envelope: Mapping[str, Any], note: str | None) -> None:
        """Write one event."""
        self._table.row([*event_values(envelope), note, event])

    def close(self) -> None:
        """Write the footer."""
        self._table.close(self._about.whole())


class ParquetExport:
    """Reads an export in Parquet, once its checksums were found right."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._stream, self.file = stream, file

    def check(self) -> About:
        """Say what it holds."""
        told = self._told()
        return About(**{name: told[name] for name in About.__dataclass_fields__})

    def records(self) -> Iterator[Exported]:
        """Its events with their paraphrases."""
        groups, number, byte = self._told()["groups"], 0, 0
        opened = pq.ParquetFile(self._stream)
        for group, (_rows, size, _sum) in enumerate(groups[: opened.num_row_groups]):
            table = opened.read_row_group(group, columns=["event", "note"])
            events, notes = table.column("event").to_pylist(), table.column("note").to_pylist()
            for event, note in zip(events, notes, strict=True):
                number += 1
                yield Exported(event, note, number, byte)
            byte += size

    def _told(self) -> dict[str, Any]:
        """What the footer says, after all bytes of the file have passed."""
        size = self._stream.seek(0, os.SEEK_END)
        if size < _LEAST or _read(self._stream, size - 4, 4) != MAGIC:
            raise Damaged(self.file, 1, max(0, size - 4), _NO_END)
        start, footer, seal = _footer(self._stream, size)
        if start < 0 or seal < 0:
            if start >= 0 and _NAME.encode() not in footer:
                raise NotAnExport(self.file)
            raise Damaged(self.file, 1, max(start, 0), _FOOTER)
        right = footer[seal : seal + len(_UNSEALED)]
        footer = footer[:seal] + _UNSEALED + footer[seal + len(_UNSEALED) :]
        if hashlib.sha256(footer).hexdigest().encode() != right:
            raise Damaged(self.file, 1, start, _FOOTER)
        told: dict[str, Any] = orjson.loads(pq.read_metadata(self._stream).metadata[_NAME.encode()])
        if "events" not in told:
            raise NotAnExport(self.file)
        if told["format"] != FORMAT:
            raise NewerExport(self.file, told["format"])
        self._pass(told["groups"], start)
        return told

    def _pass(self, groups: Sequence[tuple[int, int, str]], start: int) -> None:
        """Compare every group's bytes with its checksum."""
        number, byte = 1, 0
        for rows, size, sha256 in groups:
            if _sha256(self._stream, byte, size) != sha256:
                which = f"one of the records {number} to {number + rows - 1}" if rows else "the beginning of the file"
                raise Damaged(self.file, number, byte, f"{which}, in the {size:,} bytes from here, was altered")
            number, byte = number + rows, byte + size
        if byte != start:
            raise Damaged(self.file, number, byte, "bytes were added or are missing between the records and the footer")


class _Hashed:
    """A stream that pyarrow writes to, in parts with a checksum each."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.closed = stream, False
        self._hash, self._size, self._at = hashlib.sha256(), 0, 0

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._hash.update(view)
        self._size += view.nbytes
        self._at += view.nbytes
        if not self.stream.closed:  # of an export that was given up pyarrow still writes the footer
            self.stream.write(view)
        return view.nbytes

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        if not self.stream.closed:
            self.stream.flush()

    def close(self) -> None:
        """The stream stays open: it is its owner's."""

    def part(self) -> tuple[int, str]:
        """Size and sha256 of what was written since this was asked last."""
        found = self._size, self._hash.hexdigest()
        self._hash, self._size = hashlib.sha256(), 0
        return found


def _footer(stream: BinaryIO, size: int) -> tuple[int, bytes, int]:
    """Where the footer begins in the file (-1: it cannot be there), the footer, and where in it the seal is (-1: nowhere)."""
    length = int.from_bytes(_read(stream, size - 8, 4), "little")
    start = size - 8 - length
    if start < len(MAGIC) or length > _LARGEST_FOOTER:
        return -1, b"", -1
    footer = _read(stream, start, size - start)
    seal = footer.rfind(_SEAL)
    return start, footer, -1 if seal < 0 else seal + len(_SEAL)


def _read(stream: BinaryIO, at: int, size: int) -> bytes:
    stream.seek(at)
    return stream.read(size)


def _sha256(stream: BinaryIO, at: int, size: int) -> str:
    hashed = hashlib.sha256()
    stream.seek(at)
    while size > 0 and (data := stream.read(min(size, _CHUNK))):
        hashed.update(data)
        size -= len(data)
    return hashed.hexdigest()
