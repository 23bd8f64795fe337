"""`incidentlog demo`: everything at once, on this machine, for as long as someone watches."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live

from incidentlog.cli import interrupts, sources
from incidentlog.cli.board import Board
from incidentlog.cli.errors import NeverCaughtUp
from incidentlog.cli.numbers import plural
from incidentlog.cli.options import BOOTSTRAP_VARIABLE
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.cli.stack import Stack
from incidentlog.cli.tables import LEGEND
from incidentlog.client import Publisher
from incidentlog.projections.project import project
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.rows import ESTIMATES

app = typer.Typer(add_completion=False)
SHOWN = "rescued-by-nationality"
CATCH_UP_SECONDS = 60.0


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End when every event is folded, and print the table.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --once: print the rows as JSON, one per line.")] = False,
) -> None:
    """See it work: a broker, a worker and five articles, for as long as you watch."""
    output = Output(json)
    if interrupts.run(_demo(output, once=once)):
        output.say("Stopped; nothing is left behind.")


async def _demo(output: Output, *, once: bool) -> None:
    began = time.monotonic()
    # In a thread: the broker and the worker are other processes, and start meanwhile.
    reading = asyncio.create_task(asyncio.to_thread(_articles))
    with Steps(output.err) as steps:
        async with Stack(None, 0, 1, steps) as stack:
            material, expected = await reading
            await stack.run(_play(output, stack, steps, material, expected, began, once=once))


def _articles() -> tuple[sources.Material, list[Any]]:
    """What the articles say, and the rows it must come to."""
    material = sources.read((), builtin(), articles=True)
    return material, project(material.statements())


async def _play(
    output: Output,
    stack: Stack,
    steps: Steps,
    material: sources.Material,
    expected: list[Any],
    began: float,
    *,
    once: bool,
) -> None:
    async with (
        Board(stack.bootstrap, (SHOWN, ESTIMATES)) as board,
        Publisher(stack.bootstrap) as publisher,
    ):
        count, notes = len(material.events), material.notes()
        told = f"Publishing what {plural(len(material.sheets), 'article')} say"
        await publisher.publish_all((placed.event for placed in material.events), notes=notes,
                                    progress=lambda totals: steps(told, totals.done, count))  # fmt: skip
        stack.lap("published")
        await _catch_up(board, expected)
        stack.lap("folded")
        steps.close()
        if output.json:
            output.lines(board.rows[SHOWN].values())
            return
        output.show(board.table(SHOWN), LEGEND)
        output.say(_took(stack, count, time.monotonic() - began))
        if not once:
            await _stay(output, stack, board)


async def _catch_up(board: Board, expected: list[Any]) -> None:
    """Wait until every number is what all the events come to."""
    try:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            await board.until(lambda: not board.missing(expected))
    except TimeoutError as error:
        raise NeverCaughtUp(CATCH_UP_SECONDS, board.missing(expected)) from error


async def _stay(output: Output, stack: Stack, board: Board) -> None:
    def picture() -> Group:
        return Group(board.table(SHOWN), LEGEND, "", _next(stack.bootstrap))

    with Live(picture(), console=output.out, auto_refresh=False) as live:
        while True:
            await board.changed()
            live.update(picture(), refresh=True)


def _next(bootstrap: str) -> str:
    return f"""In another terminal:
  export {BOOTSTRAP_VARIABLE}={bootstrap}
  incidentlog why {SHOWN} VNM
  incidentlog watch {SHOWN}
  incidentlog publish FILE
This broker lives as long as the demo: Ctrl-C ends both."""


def _took(stack: Stack, events: int, seconds: float) -> str:
    parts = ", ".join(f"{name} {taken:.1f}" for name, taken in stack.laps())
    return f"{plural(events, 'event')} folded; {seconds:.1f} s in all ({parts})"
