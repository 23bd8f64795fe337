"""Events from the files of a call: claim sheets (.yaml) and CloudEvents, one per line (.jsonl, or standard input as `-`).

Everything is read and checked before anything is done with it; what is wrong is collected as `file:line: field: problem`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import typer

from incidentlog.cli.errors import FOUND_WRONG, UnreadableFile
from incidentlog.cli.output import Output
from incidentlog.exchange.errors import Damaged, ExchangeError
from incidentlog.exchange.lines import LinesExport
from incidentlog.exchange.sums import MARK, is_own
from incidentlog.schemas import codec, edtf, records
from incidentlog.schemas.about import AboutClaims, ClaimCorrected
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import Event, EventData
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.statements import Statement
from incidentlog.sheets import Sheet, SheetError, compile_sheet, shipped

STANDARD_INPUT = "-"
SHEET_SUFFIXES = (".yaml", ".yml")


class Placed(NamedTuple):
    """An event and where it was read, `file:line`."""

    event: Event
    place: str


@dataclass(slots=True)
class Material:
    """What the files of a call hold: sheets, events in the order read, and everything that is wrong."""

    events: list[Placed] = field(default_factory=list)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    """By the name of their file."""
    problems: list[str] = field(default_factory=list)

    def notes(self) -> dict[str, str]:
        """The sheets' paraphrases by claim id."""
        return {claim: note for sheet in self.sheets.values() for claim, note in sheet.notes.items()}

    def statements(self) -> list[tuple[Cell, Statement]]:
        """The events as the folds take them."""
        return [statement_of(placed.event) for placed in self.events]


def read(files: Iterable[str], registers: Registers, *, articles: bool = False) -> Material:
    """The events of `files`, and those of the articles that ship with the program if asked for."""
    material = Material()
    for file in shipped() if articles else ():
        _take(material, file.name, compile_sheet(file, registers=registers))
    for name in files:
        text = _content(name)
        if Path(name).suffix.lower() in SHEET_SUFFIXES:
            _read_sheet(material, name, text, registers)
        else:
            _read_lines(material, "standard input" if name == STANDARD_INPUT else name, text, registers)
    return material


def asked_of(output: Output, files: list[str] | None, registers: Registers, *, articles: bool) -> Material | None:
    """The files a question is asked of, None if it is asked of the log; ends the call if something is wrong with them."""
    if not files and not articles:
        return None
    material = read(files or (), registers, articles=articles)
    if material.problems:
        output.warn(material.problems)
        raise typer.Exit(FOUND_WRONG)
    return material


def statement_of(event: Event) -> tuple[Cell, Statement]:
    """An event as the folds take it: its cell and its statement.

    One that was never recorded counts as known from its publication on.
    """
    _, cell, statement = records.read(wrap(event))
    return cell, statement if event.recorded else statement._replace(recorded=_published(event.data))


def _published(data: EventData) -> str:
    if isinstance(data, AboutClaims) and not isinstance(data, ClaimCorrected):
        return edtf.last_moment(data.decided.isoformat())
    return edtf.last_moment(data.published.edtf)


def _content(name: str) -> bytes:
    try:
        content = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error
    return content.removeprefix(b"\xef\xbb\xbf")


def _read_sheet(material: Material, name: str, text: bytes, registers: Registers) -> None:
    try:
        _take(material, name, compile_sheet(text.decode(), registers=registers, name=name))
    except UnicodeDecodeError as error:
        material.problems.append(f"{name}:1: is not UTF-8 text: {error.reason}")
    except SheetError as error:
        material.problems += str(error).splitlines()


def _take(material: Material, name: str, sheet: Sheet) -> None:
    material.sheets[name] = sheet
    material.events += [Placed(event, name) for event in sheet.events]


def _read_lines(material: Material, name: str, text: bytes, registers: Registers) -> None:
    lines = text.split(b"\n")
    if text.strip() and not any(line.lstrip().startswith(b"{") for line in lines):
        problem = "is neither a claim sheet, whose name ends in .yaml, nor events as JSON, one to a line"
        material.problems.append(f"{name}:1: {problem}")
        return
    if is_own(lines[0], "begin"):
        lines = lines[: _whole(material, name, text)]
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith(MARK):
            try:
                material.events.append(Placed(codec.decode(line, registers), f"{name}:{number}"))
            except DecodeError as error:
                material.problems.append(f"{name}:{number}: {error.detail}")


def _whole(material: Material, name: str, text: bytes) -> int:
    """How many lines of an export are as they were written; what is wrong with the first that is not is a problem."""
    try:
        LinesExport(BytesIO(text), name).check()
    except Damaged as error:
        material.problems.append(str(error))
        return error.line - 1
    except ExchangeError as error:
        material.problems.append(str(error))
        return 0
    return text.count(b"\n")
