"""Registers of one's own, from files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson

from incidentlog.schemas.errors import IncidentlogError, InvalidValue
from incidentlog.schemas.registers import Registers, builtin


class BadRegister(IncidentlogError):
    """A file of registers that cannot be used."""

    def __init__(self, file: str, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(f"{file}: {problem}; a register file is a JSON object of authorities, measures and demonyms")


def read(files: Iterable[str]) -> Registers:
    """The registers that ship, extended by those in `files`."""
    registers = builtin()
    for name in files:
        try:
            registers = registers.extended(orjson.loads(Path(name).read_bytes()))
        except (OSError, orjson.JSONDecodeError, InvalidValue, AttributeError, TypeError) as error:
            raise BadRegister(name, str(error)) from error
    return registers
