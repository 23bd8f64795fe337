"""`incidentlog replay`: history again, to the terminal or a file, or into a version of its own beside the live one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from incidentlog.cli import interrupts
from incidentlog.cli.errors import BadOption, UnreadableFile, known_projection
from incidentlog.cli.options import (
    BOOTSTRAP,
    Bootstrap,
    Json,
    Prefix,
    RegisterFiles,
    host_first,
    last_day,
    last_moment,
    program,
    registers_of,
)  # fmt: skip
from incidentlog.cli.output import Output
from incidentlog.cli.tables import LEGEND, RowTable
from incidentlog.client.ports import TopicPartition
from incidentlog.exchange.exporting import starts_after
from incidentlog.exchange.formats import opened
from incidentlog.projections.precedence import by_register
from incidentlog.replay.here import BEGINNING, Limits, Saved, replay_here
from incidentlog.schemas.numbers import count, plural
from incidentlog.schemas.topics import PROJECTIONS, Topics
from incidentlog.schemas.versions import Kept, checked

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def replay(
    projection: Annotated[str | None, typer.Argument(metavar="[PROJECTION]", help=f"One of {', '.join(PROJECTIONS)}; none with --into.", show_default=False)] = None,
    into: Annotated[str, typer.Option("--into", metavar="VERSION", help="Fold everything into this version, beside the live one.", show_default=False)] = "",
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DAY", help="Only what had happened by that day.", show_default=False)] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", metavar="TIME", help="Only what was recorded by then.", show_default=False)] = None,
    to: Annotated[list[str] | None, typer.Option("--to", metavar="TOPIC:PARTITION:OFFSET", help="Only what lies before; may be repeated.", show_default=False)] = None,
    since: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="Begin with the events of this export, and go on in the log where it ended.", show_default=False)] = None,
    rate: Annotated[float, typer.Option("--rate", min=0, metavar="N", help="With --into: at most so many events a second; 0 is no limit.")] = 0,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    registers: RegisterFiles = None,
    json: Json = None,
) -> None:  # fmt: skip
    """Fold history again: any day, or a whole new version."""
    output, until, known = Output(json), last_day(as_of, "--as-of"), last_moment(known_at, "--known-at")
    if bool(into) == bool(projection):
        raise BadOption("PROJECTION", "name a projection to be shown, or a version with --into, one of the two")
    kept = Kept(until.isoformat() if until else "", known or "")
    if into:
        if to:
            raise BadOption("--to", "a version is folded to the present; limit it with --as-of or --known-at")
        if since:
            raise BadOption("--from", "a version goes on where it was stopped by itself")
        topics = Topics(prefix, checked(into))
        interrupts.run(_into(output, bootstrap, topics, kept, rate, host_first(registers_of(registers))))
        return
    if rate:
        raise BadOption("--rate", "it holds back a replay --into a version")
    name = known_projection(projection or "", PROJECTIONS)
    limits = (kept.until, kept.known_at, dict(map(_place, to or ())))
    with _saved(since, limits[2]) as saved:
        precedence = by_register(registers_of(registers))
        interrupts.run(_show(output, bootstrap, Topics(prefix), name, limits, precedence, saved))


async def _show(
    output: Output, bootstrap: str, topics: Topics, name: str, limits: Any, precedence: Any, saved: Any
) -> None:
    with _bar(output) as bar:
        task = bar.add_task("Reading history", total=None)
        replayed = await replay_here(
            bootstrap,
            topics,
            Limits(*limits),
            lambda done, total: bar.update(task, completed=done, total=total),
            precedence,
            saved,
        )
    rows = [row for row in replayed.rows if row.projection == name]
    if output.json:
        output.lines(rows)
    else:
        output.show(RowTable(name, rows), LEGEND)
    refused = f", {plural(replayed.refused, 'record')} refused" if replayed.refused else ""
    output.say(f"{plural(replayed.events, 'event')} folded{refused}")


@contextmanager
def _saved(file: Path | None, ends: Mapping[TopicPartition, int]) -> Iterator[Saved]:
    """The point that an export saved; the log's beginning without one."""
    if file is None:
        yield BEGINNING
        return
    try:
        with opened(file) as export:
            positions = starts_after(export.check())
            if any(end < positions.get(each, 0) for each, end in ends.items()):
                raise BadOption("--to", f"{file} goes further already; replay without --from")
            yield Saved((each.event for each in export.records()), positions)
    except OSError as error:
        raise UnreadableFile(str(file), error.strerror or str(error)) from error


async def _into(output: Output, bootstrap: str, topics: Topics, kept: Kept, rate: float, host_first: str) -> None:
    from incidentlog.replay import Rebuild, Standing  # noqa: PLC0415 - starts workers

    begun = time.monotonic()
    with _bar(output) as bar:
        task = bar.add_task(f"Folding into {topics.version}", total=None)

        def heard(stands: Standing) -> None:
            told = f"Folding into {topics.version}" if stands.left else "Rolling up"
            bar.update(task, description=told, completed=stands.total - stands.left, total=stands.total)

        stands = await Rebuild(bootstrap, topics, kept, rate, host_first).run(heard)
    seconds = time.monotonic() - begun
    output.say(f"{topics.version} is complete: {plural(stands.total, 'event')}, {count(round(stands.total / seconds))} a second\n"
               f"Compare it: {program()} diff rescued-by-nationality LIVE {topics.version}\n"
               f"Make it live: {program()} promote {topics.version}")  # fmt: skip


def _bar(output: Output) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(),
        console=output.err, transient=True, disable=not output.err.is_terminal,
    )  # fmt: skip


class _Rate(ProgressColumn):
    """Events a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{count(round(task.speed))}/s" if task.speed else "", "progress.data.speed")


def _place(text: str) -> tuple[TopicPartition, int]:
    topic, *numbers = text.rsplit(":", 2)
    if len(numbers) != 2 or not all(each.isdecimal() for each in numbers):
        raise BadOption("--to", f"{text!r} is not TOPIC:PARTITION:OFFSET")
    return TopicPartition(topic, int(numbers[0])), int(numbers[1])
