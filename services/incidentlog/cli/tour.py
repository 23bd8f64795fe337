"""What `demo` shows once everything runs: the articles' claims going in, the numbers they come to."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar

from incidentlog.cli import sources
from incidentlog.cli.board import Board
from incidentlog.cli.errors import NeverCaughtUp
from incidentlog.cli.options import BOOTSTRAP_VARIABLE, program
from incidentlog.cli.output import Output
from incidentlog.cli.stack import Stack
from incidentlog.cli.tables import LEGEND
from incidentlog.client import Publisher, Totals
from incidentlog.projections.project import project
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.rows import ESTIMATES

SHOWN = "rescued-by-nationality"
CATCH_UP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Tour:
    """What the articles say, and the rows it must come to."""

    material: sources.Material
    expected: list[Any]

    @classmethod
    def prepared(cls) -> Tour:
        """Compile the sheets, and fold them here."""
        material = sources.read((), builtin(), articles=True)
        return cls(material, project(material.statements()))

    async def play(self, output: Output, stack: Stack, began: float, *, once: bool) -> None:
        """Publish, show how the numbers grow, and stay if not `once`."""
        publishing, watching = stack.connected("publisher"), stack.connected("subscriber")
        async with Board(watching, (SHOWN, ESTIMATES)) as board, Publisher(publishing) as publisher:
            with Stage(output, board, len(self.material.events)) as stage:
                events = (placed.event for placed in self.material.events)
                await publisher.publish_all(events, notes=self.material.notes(), progress=stage.published)
                stack.lap("published")
                await self._caught_up(board, stage)
                stack.lap("folded")
                stage.tell(_took(stack, time.monotonic() - began))
                if once:
                    return
                stage.tell(_next(stack, await stack.page()))
                while True:
                    await board.changed()
                    stage.draw()

    async def _caught_up(self, board: Board, stage: Stage) -> None:
        """Wait until every number is what all the events come to."""
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                while board.missing(self.expected):
                    await board.changed()
                    stage.draw()
        except TimeoutError as error:
            raise NeverCaughtUp(CATCH_UP_SECONDS, board.missing(self.expected)) from error


class Stage:
    """Where it is shown: a picture that changes on a terminal, else the table once there is something to tell of it."""

    def __init__(self, output: Output, board: Board, events: int) -> None:
        self._output, self._board, self._events = output, board, events
        self._bar = ProgressBar(events, 0, width=30)
        self._told = False
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._output.out.is_terminal and not self._output.json:
            self._live = Live(self._picture(), console=self._output.out, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def published(self, totals: Totals) -> None:
        """So many events are in the log."""
        self._bar.update(totals.done)
        self.draw()

    def draw(self) -> None:
        """Show the numbers as they are now."""
        if self._live is not None:
            self._live.update(self._picture(), refresh=True)

    def tell(self, text: str) -> None:
        """Say something: above a picture, which may grow, else below the table."""
        if self._live is not None:
            self._told = True
            self._live.console.print(text, markup=False)
            self.draw()
            return
        if not self._told and self._output.json:
            self._output.lines(row for row in self._board.ordered(SHOWN))
        elif not self._told:
            self._output.show(self._board.table(SHOWN), LEGEND)
        self._told = True
        self._output.say(text)

    def _picture(self) -> Group:
        bar = Columns([f"publishing {plural(self._events, 'event')}", self._bar])
        below: list[RenderableType] = [] if self._told else ["", bar]
        return Group(self._board.table(SHOWN), LEGEND, *below)


def _next(stack: Stack, page: str) -> str:
    shown = f"\nOpen {page} in a browser.\n" if page else ""
    return f"""{shown}
In another terminal, as long as this runs:
  {stack.entering("reviewer") or f"export {BOOTSTRAP_VARIABLE}={stack.bootstrap}"}
  {program()} why {SHOWN} VNM
  {program()} watch {SHOWN}
  {program()} publish FILE
Ctrl-C ends the demo and its broker.
"""


def _took(stack: Stack, seconds: float) -> str:
    parts = ", ".join(f"{name} {taken:.1f}" for name, taken in stack.laps())
    return f"Done in {seconds:.1f} s: {parts}"
