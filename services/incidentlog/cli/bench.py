"""`incidentlog bench`: the same small job by this program and by the engines one would pick instead, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from incidentlog.cli import interrupts
from incidentlog.cli.bench_job import job
from incidentlog.cli.errors import FOUND_WRONG
from incidentlog.cli.options import Json, program
from incidentlog.cli.output import Output
from incidentlog.cli.progress import Steps

app = typer.Typer(add_completion=False, rich_markup_mode=None)
Address = Annotated[
    str, typer.Option("--bootstrap", metavar="HOST:PORT", help="A broker of your own. Default: one for the occasion.", show_default=False)
]  # fmt: skip
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="NAME", help="Leave out all others; may be repeated.")
]


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    events: Annotated[int, typer.Option("--events", min=1_000, metavar="N", help="Events to be read.")] = 1_000_000,
    runs: Annotated[int, typer.Option("--runs", min=1, metavar="N", help="Rounds; everyone has a turn in each.")] = 5,
    keys: Annotated[int, typer.Option("--keys", min=1, max=10_000, metavar="N", help="Keys to sum up by.")] = 200,
    peers: Annotated[
        Path | None, typer.Option("--peers", metavar="FOLDER", help="More peers: tests/bench/peers of a clone has six.")
    ] = None,
    only: Only = None,
    fetch: Annotated[
        int, typer.Option("--fetch-kib", min=16, metavar="N", help="Fetched of a partition at once.")
    ] = 1024,
    commit: Annotated[int, typer.Option("--commit-ms", min=10, metavar="N", help="Between two commits.")] = 100,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="SECONDS", help="What a single run may take.")] = 300,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the table there too.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="Draw it, as .svg or .png.")] = None,
    bootstrap: Address = "",
    json: Json = None,
) -> None:
    """Measure the engine beside others, on one broker.

    The job: decode claims, add up a number for each key, store the sums. Everyone reads the same events in turns.
    """
    if context.invoked_subcommand:
        return
    from incidentlog.bench.sums import Plan, Terms, compare, take_part  # noqa: PLC0415 - Kafka clients, psutil

    output = Output(json)
    plan = Plan(events, keys, runs, Terms(fetch << 10, commit / 1000, limit), bootstrap)
    taking_part = take_part(peers, only or [])
    results: list[Any] = []

    async def measured(steps: Steps) -> None:
        results.append(await compare(taking_part, plan, steps))

    with Steps(output.err) as steps:
        if interrupts.run(measured(steps)):
            raise typer.Abort
    good = _tell(output, plan, results[0], markdown, picture)
    if peers is None:
        output.say(f"More engines, from a clone: {program()} bench --peers tests/bench/peers")
    if not good:
        raise typer.Exit(FOUND_WRONG)


app.command("job")(job)


def _tell(output: Output, plan: Any, result: Any, markdown: Path | None, picture: Path | None) -> bool:
    """Print and write what was measured; whether all who took part were right."""
    from incidentlog.bench.sums import report  # noqa: PLC0415

    found, absent, said = report.lines(result), report.missing(result), report.conditions(plan)
    if output.json:
        output.lines(report.objects(found, absent, said))
    else:
        output.show(_table(found), *said)
    for peer, reason in absent:
        output.say(f"{peer.title} is missing: {reason}")
    if markdown:
        markdown.write_text(report.markdown(found, absent, said), encoding="utf-8")
    if picture and found:
        report.draw(found, picture, f"{plan.events:,} claims: decoded, summed up by key, stored")
    wrong = [line.peer.title for line in found if line.wrong]
    for title in wrong:
        output.say(f"{title} got sums wrong")
    return not wrong and not result.failed


def _table(found: Any) -> Table:
    title = "Thousand events per CPU-second, and per second of wall time; how many times that incidentlog does"
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title=title, title_justify="left")
    grid.add_column("", min_width=24)
    for heading in ("least", "median", "most", "wall", "MiB", "times", "with\nstart"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for line in found:
        cpu = line.per_cpu_second
        rates = (f"{each / 1000:.1f}" for each in (cpu.least, cpu.median, cpu.greatest, line.per_second.median))
        ratios = ("" if each is None else f"{each:.2f}" for each in (line.ratio, line.whole_ratio))
        grid.add_row(line.peer.title, *rates, str(line.resident >> 20), *ratios)
    return grid
