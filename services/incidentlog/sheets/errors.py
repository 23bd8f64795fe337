"""What is wrong with a sheet: every finding at once, each with its place and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from incidentlog.schemas.errors import IncidentlogError


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One thing to mend. `line` and `column` count from 1; `field` is empty where the whole file or statement is meant."""

    file: str
    line: int
    column: int
    field: str
    problem: str
    instead: str = ""

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        instead = f"; {self.instead}" if self.instead else ""
        return f"{self.file}:{self.line}: {field}{self.problem}{instead}"


class SheetError(IncidentlogError):
    """A sheet that cannot be compiled; `findings` in the order of the file, one line of the message each."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))
