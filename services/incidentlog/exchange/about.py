"""What an export says of itself, and the records it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple, Protocol

FORMAT = 1


@cache
def _program() -> str:
    """Who writes; looking for one's own version takes a millisecond."""
    return f"incidentlog {version('incidentlog')}"


@dataclass(slots=True)
class About:
    """Where the log ended, as the offset after the last record of each partition by topic, so that whoever has folded the
    export goes on from there; how much it holds, by type with its version; which program wrote it.

    `left_out` are records of the event topics that are no events, which no fold takes: they stay among the dead letters.
    """

    positions: Mapping[str, Sequence[int]] = field(default_factory=dict)
    program: str = field(default_factory=_program)
    format: int = FORMAT
    events: int = 0
    notes: int = 0
    left_out: int = 0
    types: Counter[str] = field(default_factory=Counter)

    def begin(self) -> dict[str, Any]:
        """What is known before the first event."""
        return {"format": self.format, "program": self.program, "positions": self.positions}

    def end(self) -> dict[str, Any]:
        """What is known after the last one."""
        return {"events": self.events, "notes": self.notes, "left_out": self.left_out, "types": dict(self.types)}

    def whole(self) -> dict[str, Any]:
        """Both."""
        return self.begin() | self.end()

    def count(self, event_type: str, note: str | None) -> None:
        """One event more, with its paraphrase, if any."""
        self.events += 1
        self.notes += note is not None
        self.types[event_type] += 1


class Exported(NamedTuple):
    """An event as an export has it: its bytes as they were in the log, its paraphrase if that was exported, its place.

    `line` is the number of the line, of Parquet that of the record, from 1; `byte` is where the line or the block begins.
    """

    event: bytes
    note: str | None
    line: int
    byte: int


class Export(Protocol):
    """An export that is open for reading; both methods may be called again and again."""

    @property
    def file(self) -> str:
        """Its name, for messages."""

    def check(self) -> About:
        """Read it through and say what it holds; Damaged, NotAnExport or NewerExport if something is wrong with it."""

    def records(self) -> Iterator[Exported]:
        """Its events in the order in which they were appended; what was yielded was checked, the same errors end it."""


class Writer(Protocol):
    """An export in the making."""

    def add(self, event: bytes, envelope: Mapping[str, Any], note: str | None) -> None:
        """Write one event, given as it is in the log and parsed."""

    def close(self) -> None:
        """Write what comes after the last event; `about` must be complete by then."""
