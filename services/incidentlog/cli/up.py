"""`incidentlog up`: a broker and workers on this machine, on a data folder, until Ctrl-C."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from incidentlog.cli import interrupts
from incidentlog.cli.options import BOOTSTRAP, BOOTSTRAP_VARIABLE, Prefix, RegisterFiles, program, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.cli.stack import Stack
from incidentlog.local.places import data_folder
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)
PARTITIONS = Topics().partitions
PORT = int(BOOTSTRAP.rpartition(":")[2])


@app.command()
def up(
    data: Annotated[Path | None, typer.Option("--data", metavar="FOLDER", help="Where the log is kept. Default: this user's data folder.", show_default=False)] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port of the broker on 127.0.0.1; 0 takes a free one.")] = PORT,
    workers: Annotated[int, typer.Option("--workers", min=0, max=PARTITIONS, metavar="N", help="How many workers fold: at most one per partition.")] = 1,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
) -> None:  # fmt: skip
    """Run a broker and workers here, on a data folder, until Ctrl-C."""
    output = Output(json=False)
    if interrupts.run(_up(output, data or data_folder(), port, Topics(prefix), workers, registers_of(registers))):
        output.say("Stopped. What was published is kept.")


async def _up(output: Output, data: Path, port: int, topics: Topics, workers: int, registers: Registers) -> None:
    with Steps(output.err) as steps:
        async with Stack(data, port, topics, workers, steps, registers) as stack:
            steps.close()
            output.show(Panel(_what_runs(stack, data, workers), title="incidentlog is up", expand=False))
            try:
                await stack.run(asyncio.Event().wait())
            finally:
                output.say("Stopping the workers, then the broker …")


def _what_runs(stack: Stack, data: Path, workers: int) -> str:
    export = "" if stack.port == PORT else f"export {BOOTSTRAP_VARIABLE}={stack.bootstrap}\n"
    return f"""broker   Apache Kafka on {stack.bootstrap}, this machine only, no password
workers  {plural(workers, "worker")}, folding
data     {data}

In another terminal:
{export}{program()} publish --articles
{program()} watch rescued-by-nationality
Ctrl-C stops it; what was published is kept."""
