"""`incidentlog demo`: everything at once, on this machine, for as long as someone watches."""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from typing import Annotated, Any

import typer

from incidentlog.cli import interrupts
from incidentlog.cli.options import SECURE
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.cli.stack import Stack
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End when every event is folded, and print the table.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --once: print the rows as JSON, one per line.")] = False,
    secure: Annotated[bool, typer.Option("--secure", help=SECURE)] = False,
) -> None:
    """See it work: a broker, a worker, five articles, until Ctrl-C."""
    output = Output(json)
    if interrupts.run(_demo(output, once=once or json, secure=secure)):
        output.say("Stopped; nothing is left running.")


async def _demo(output: Output, *, once: bool, secure: bool) -> None:
    began = time.monotonic()
    with Steps(output.err) as steps:
        # One partition of each topic: a third of the time that four take to make and to follow.
        stack = Stack(None, 0, Topics(partitions=1), 1, steps, gateway_port=None if once else 0, secure=secure)
        # In a thread, imports and all: the broker and the worker are other processes, and start meanwhile.
        preparing = asyncio.create_task(asyncio.to_thread(_prepared))
        try:
            async with stack:
                tour = await preparing
                steps.close()
                await stack.run(tour.play(output, stack, began, once=once))
        finally:
            await asyncio.wait([preparing])


def _prepared() -> Any:
    return import_module("incidentlog.cli.tour").Tour.prepared()
