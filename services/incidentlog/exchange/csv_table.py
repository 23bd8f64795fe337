"""Tables as CSV: UTF-8, comma, a line of names first; an empty field is null, and lists are joined by semicolons."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import TextIOWrapper
from typing import Any, BinaryIO

from incidentlog.exchange.columns import EVENTS, Column, Value, event_values

#: Spreadsheets take a text that begins so for a formula; an apostrophe before it makes it text again.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class CsvTable:
    """Writes rows of values, in the order of `columns`."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column]) -> None:
        self._text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        self._rows = csv.writer(self._text, lineterminator="\n")
        self._rows.writerow([column.name for column in columns])

    def rows(self, rows: Iterable[Sequence[Value]]) -> None:
        """Write rows."""
        self._rows.writerows([_field(value) for value in row] for row in rows)

    def close(self) -> None:
        """Leave the stream to its owner."""
        self._text.detach()


class CsvEvents:
    """Writes events as a table, for people to look at: it can't be imported, for it does not hold all of an event."""

    def __init__(self, stream: BinaryIO) -> None:
        self._table = CsvTable(stream, [*EVENTS, Column("note")])

    def add(self, event: bytes, envelope: Mapping[str, Any], note: str | None) -> None:  # noqa: ARG002 - as other writers
        """Write one event."""
        self._table.rows([[*event_values(envelope), note]])

    def close(self) -> None:
        """Leave the stream to its owner."""
        self._table.close()


def _field(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case str():
            return f"'{value}" if value.startswith(_FORMULAS) else value
        case int():
            return str(value)
        case _:
            return ";".join(map(_part, value))


def _part(part: Any) -> str:
    """An item of a list; of a contribution its name."""
    if not isinstance(part, Mapping):
        return str(part)
    name = part.get("cell") or part.get("host")
    return f"{name} (residual)" if part.get("residual") else str(name)
