"""The options that several verbs share."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated

import orjson
import typer

from incidentlog.cli.errors import BadMoment, BadRegister, UnreadableFile
from incidentlog.schemas import edtf
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.registers import Registers, builtin

BOOTSTRAP = "127.0.0.1:19092"
BOOTSTRAP_VARIABLE = "INCIDENTLOG_BOOTSTRAP"


def _address(text: str) -> str:
    """One or more HOST:PORT, separated by commas."""
    for each in text.split(","):
        host, _, port = each.strip().rpartition(":")
        if not (host and port.isdecimal() and 0 < int(port) < 1 << 16):
            raise typer.BadParameter(f"{each!r} is not HOST:PORT, such as {BOOTSTRAP}")
    return text


Json = Annotated[
    bool | None,
    typer.Option("--json/--table", help="One JSON object per line, or a table. Default: a table on a terminal.", show_default=False),
]  # fmt: skip
Bootstrap = Annotated[
    str, typer.Option("--bootstrap", envvar=BOOTSTRAP_VARIABLE, metavar="HOST:PORT", callback=_address, help="Address of the Kafka broker.")
]  # fmt: skip
Prefix = Annotated[
    str, typer.Option("--prefix", envvar="INCIDENTLOG_PREFIX", metavar="NAME", help="What the topics' names begin with.")
]  # fmt: skip
RegisterFiles = Annotated[
    list[str] | None,
    typer.Option("--registers", metavar="FILE", help="More offices, measures and words, as JSON; may be repeated.", show_default=False),
]  # fmt: skip

SECURE = "With TLS, a password for each service, and no more rights than it needs."
Numbered = Annotated[
    str, typer.Argument(metavar="PROJECTION", help="Such as rescued-by-nationality.", show_default=False)
]
Key = Annotated[
    str, typer.Argument(metavar="KEY", help="Such as VNM, * for all, KHM, KH-12; in estimates rescued/VNM/KHM.", show_default=False)
]  # fmt: skip
FromFiles = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="FILE", help="Ask sheets or event files instead of the log; may be repeated.", show_default=False),
]  # fmt: skip
FromArticles = Annotated[bool, typer.Option("--articles", help="Ask the articles that ship instead of the log.")]


def program() -> str:
    """What a reader types to start this program: as they started it, uv's or the one that is installed."""
    return "uv run incidentlog" if "UV_RUN_RECURSION_DEPTH" in os.environ else "incidentlog"


def registers_of(files: list[str] | None) -> Registers:
    """The registers that ship, extended by those in `files`."""
    registers = builtin()
    for name in files or ():
        try:
            registers = registers.extended(orjson.loads(Path(name).read_bytes()))
        except OSError as error:
            raise UnreadableFile(name, error.strerror or str(error)) from error
        except (orjson.JSONDecodeError, InvalidValue, AttributeError, TypeError) as error:
            raise BadRegister(name, str(error)) from error
    return registers


def host_first(registers: Registers) -> str:
    """The measures for which the host state speaks first, as workers are told of them."""
    return ",".join(sorted(name for name, measure in registers.measures.items() if measure.precedence == "host"))


def last_day(text: str | None, option: str) -> date | None:
    """The last day that `text` names (2022-09-30; 2022-09 is the end of that month)."""
    try:
        return None if text is None else edtf.days(text)[1]
    except InvalidValue as error:
        raise BadMoment(option, error.problem) from error


def last_moment(text: str | None, option: str) -> str | None:
    """The last moment that `text` names, as RFC 3339 in UTC with six decimals."""
    try:
        return None if text is None else edtf.last_moment(text)
    except InvalidValue as error:
        raise BadMoment(option, error.problem) from error
