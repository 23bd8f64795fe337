"""`incidentlog up`: a broker, workers and a gateway on this machine, on a data folder, until Ctrl-C."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from incidentlog.cli import interrupts
from incidentlog.cli.errors import OpenedAgain
from incidentlog.cli.options import BOOTSTRAP, BOOTSTRAP_VARIABLE, SECURE, Prefix, RegisterFiles, program, registers_of
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps
from incidentlog.cli.stack import Stack
from incidentlog.gateway.settings import PORT as GATEWAY_PORT
from incidentlog.local.broker import CREDENTIALS
from incidentlog.local.places import data_folder
from incidentlog.local.secured import is_secured
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)
PARTITIONS = Topics().partitions
PORT = int(BOOTSTRAP.rpartition(":")[2])


@app.command()
def up(
    data: Annotated[Path | None, typer.Option("--data", metavar="FOLDER", help="Where the log is kept. Default: this user's data folder.", show_default=False)] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port of the broker on 127.0.0.1; 0 takes a free one.")] = PORT,
    gateway_port: Annotated[int, typer.Option("--gateway-port", min=0, max=65535, metavar="N", help="Port of the page and the API on 127.0.0.1; 0 takes a free one.")] = GATEWAY_PORT,
    workers: Annotated[int, typer.Option("--workers", min=0, max=PARTITIONS, metavar="N", help="How many workers fold: at most one per partition.")] = 1,
    metrics_port: Annotated[int, typer.Option("--metrics-port", min=-1, max=65535, metavar="N", help="Port of the workers' metrics and health on 127.0.0.1; 0 takes a free one.", show_default=False)] = -1,
    secure: Annotated[bool, typer.Option("--secure", help=SECURE)] = False,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
) -> None:  # fmt: skip
    """Run a broker, workers and a gateway here, on a data folder, until Ctrl-C."""
    output = Output(json=False)
    folder = data or data_folder()
    if not secure and is_secured(folder / CREDENTIALS):
        raise OpenedAgain(folder)
    with Steps(output.err) as steps:
        stack = Stack(
            folder,
            port,
            Topics(prefix),
            workers,
            steps,
            registers_of(registers),
            gateway_port,
            registers or (),
            metrics_port,
            secure=secure,
        )
        stopped = interrupts.run(_up(output, folder, stack, steps, workers))
    if stopped:
        output.say("Stopped. What was published is kept.")


async def _up(output: Output, data: Path, stack: Stack, steps: Steps, workers: int) -> None:
    async with stack:
        page = await stack.page()
        steps.close()
        output.show(Panel(_what_runs(stack, data, workers, page), title="incidentlog is up", expand=False))
        try:
            await stack.run(asyncio.Event().wait())
        finally:
            output.say("Stopping the gateway and the workers, then the broker …")


def _what_runs(stack: Stack, data: Path, workers: int, page: str) -> str:
    metrics = f"metrics  {stack.metrics}/metrics, /livez and /readyz\n" if stack.metrics else ""
    export = "" if stack.port == PORT else f"export {BOOTSTRAP_VARIABLE}={stack.bootstrap}\n"
    publishing, watching = (f"{stack.entering(role)}\n" for role in ("publisher", "subscriber"))
    secure = stack.broker.secured is not None
    how = "TLS, a password for each service" if secure else "no password"
    if secure:
        export = ""
    return f"""broker   Apache Kafka on {stack.bootstrap}, this machine only, {how}
workers  {plural(workers, "worker")}, folding
page     {page or "none: install the extra incidentlog[gateway]"}
{metrics}data     {data}

In another terminal:
{export}{publishing if secure else ""}{program()} publish --articles
{watching if secure else ""}{program()} watch rescued-by-nationality
Ctrl-C stops it; what was published is kept."""
