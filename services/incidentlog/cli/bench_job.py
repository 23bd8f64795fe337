"""`incidentlog bench job`: this program's own whole job, its edge, its memory, its restarts and its latency."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from incidentlog.bench.errors import BenchExtraMissing
from incidentlog.cli import interrupts
from incidentlog.cli.errors import FOUND_WRONG
from incidentlog.cli.options import Json
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps

_PARTS = ("full", "hostile", "restart", "edge", "latency", "replay")


def job(
    events: Annotated[
        int, typer.Option("--events", min=1_000, metavar="N", help="Of the largest load; others are parts of it.")
    ] = 1_000_000,
    runs: Annotated[int, typer.Option("--runs", min=1, metavar="N", help="Rounds; two fewer of what takes long.")] = 5,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="PART", help=f"One of {', '.join(_PARTS)}; may be repeated.")
    ] = None,
    tenfold: Annotated[
        bool, typer.Option("--tenfold", help="Once more with ten times the events: much disk, half an hour.")
    ] = False,
    idle: Annotated[
        float, typer.Option("--idle", min=0, metavar="MIN", help="Then watch the memory of its worker so many minutes.")
    ] = 0.0,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, metavar="S", help="How long latency is measured.")
    ] = 30.0,
    rate: Annotated[int, typer.Option("--rate", min=1, metavar="N", help="Events per second while it is.")] = 1_000,
    every: Annotated[
        int, typer.Option("--every-ms", min=1, metavar="MS", help="Between two transactions, while it is.")
    ] = 20,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the table there too.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="Draw it, as .svg or .png.")] = None,
    bootstrap: Annotated[
        str, typer.Option("--bootstrap", metavar="HOST:PORT", help="A broker of your own.", show_default=False)
    ] = "",
    json: Json = None,
) -> None:
    """Measure the whole job: speed as claims grow, crowded cells, restarts, the edge, latency. About 20 minutes."""
    try:
        from incidentlog.bench.job.plan import Plan, measured  # noqa: PLC0415 - Kafka clients, psutil
    except ModuleNotFoundError as missing:
        raise BenchExtraMissing(missing.name or "psutil") from missing
    for part in only or []:
        if part not in _PARTS:
            raise typer.BadParameter(f"{part!r} is none of {', '.join(_PARTS)}", param_hint="--only")
    output, found = Output(json), []
    plan = Plan(events, runs, tuple(only or _PARTS), tenfold, 60 * idle, rate, seconds, every / 1000, bootstrap)

    async def measuring(steps: Steps) -> None:
        found.append(await measured(plan, steps))

    with Steps(output.err) as steps:
        if interrupts.run(measuring(steps)):
            raise typer.Abort
    if not _tell(output, plan, found[0], markdown, picture):
        raise typer.Exit(FOUND_WRONG)


def _tell(output: Output, plan: Any, found: Any, markdown: Path | None, picture: Path | None) -> bool:
    """Print and write what was measured; whether all of it could be."""
    from incidentlog.bench.job import report  # noqa: PLC0415

    said = report.conditions(plan, found)
    if output.json:
        output.lines(report.objects(found, said))
    else:
        output.show(_table(found.figures))
        output.write(said)
    for part, reason in found.failed.items():
        output.say(f"{part} could not be measured: {reason}")
    if markdown:
        markdown.write_text(report.page(found, said), encoding="utf-8")
    if picture and found.figures:
        report.draw(found.figures, picture)
    return not found.failed


def _table(figures: Any) -> Table:
    from incidentlog.bench.job.figures import rows  # noqa: PLC0415

    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    grid.add_column("")
    for heading in ("least", "median", "greatest"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for heading in ("", "mark", ""):
        grid.add_column(heading, no_wrap=True)
    section = ("", "")
    for part, case, what, *numbers in rows(figures):
        if section != (part, case):
            grid.add_section()
            grid.add_row(f"{part}: {case}")
            section = (part, case)
        grid.add_row(f"  {what}", *numbers)
    return grid
