"""Where output goes: tables for people on standard output, or one JSON object per line; everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NoReturn

import orjson
from rich.console import Console, RenderableType


class _Console(Console):
    """A console that treats a reader who has had enough as any write does: by an error, not by ending the program."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


class Output:
    """Standard output and standard error of one run. `json` None: JSON when standard output is not a terminal."""

    def __init__(self, json: bool | None = None) -> None:
        self.json = not sys.stdout.isatty() if json is None else json

    @cached_property
    def out(self) -> Console:
        """For results."""
        return _Console(highlight=False)

    @cached_property
    def err(self) -> Console:
        """For progress, remarks and what to do next: never mixed into results."""
        return _Console(stderr=True, highlight=False)

    def lines(self, objects: Iterable[Any]) -> None:
        """Each object as one line of JSON."""
        for each in objects:
            sys.stdout.write(orjson.dumps(each).decode() + "\n")
        sys.stdout.flush()

    def show(self, *parts: RenderableType) -> None:
        """Each part for people to read."""
        for part in parts:
            self.out.print(part)

    def write(self, lines: Iterable[object]) -> None:
        """Each as a line of its own, never wrapped, so that it can be copied."""
        for line in lines:
            self.out.print(str(line), markup=False, soft_wrap=True)

    def warn(self, problems: Iterable[str]) -> None:
        """Each problem as a line on standard error."""
        for problem in problems:
            self.say(problem)

    def say(self, text: str) -> None:
        """A remark, on standard error, as it is."""
        self.err.print(text, markup=False, soft_wrap=True)
