"""Progress on standard error: a bar on a terminal, one line for each new step elsewhere (or nothing)."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn


class Steps:
    """Call it with a message and how far that is, as often as you like; the bar is gone when it is closed."""

    def __init__(self, console: Console, *, bars_only: bool = False) -> None:
        self._console, self._quiet = console, bars_only or console.is_terminal
        self._bars = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.fields[count]}"),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._bar = self._bars.add_task("", total=None, visible=False, count="")
        self._told = ""
        self._closed = False

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away, what comes after is a line each; harmless when repeated."""
        self._closed = True
        self._bars.stop()

    def __call__(self, message: str, done: int, total: int) -> None:
        """Tell what is being done, and that so much of it is done; of a message, what follows a colon is passing."""
        step = message.partition(": ")[0]
        if (not self._quiet or self._closed) and step != self._told:
            self._console.print(step, markup=False, soft_wrap=True)
        self._told = step
        counted = total > 1
        self._bars.update(self._bar, description=message, completed=done, total=total if counted else None, visible=True,
                          count=f"{done}/{total}" if counted else "")  # fmt: skip
