"""A group of verbs whose modules are imported when they are called for, so that help and typing errors answer at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Verbs(TyperGroup):
    """Every verb `name` is the typer app `app` of the module `incidentlog.cli.<name>`; `helps` says each in one line.

    Where Python keeps the name to itself, the module's ends in an underscore: `import` is in `import_`.
    """

    helps: Mapping[str, str] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands.update({name: TyperCommand(name, help=text) for name, text in self.helps.items()})
        self._listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer gives it
        if self._listing or cmd_name not in self.commands:
            return self.commands.get(cmd_name)
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command = typer.main.get_command(import_module(f"incidentlog.cli.{module}").app)
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read our output has had enough, as `head` has: no error of theirs or ours.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
