"""`incidentlog versions`: the versions there are and how they stand; retiring one."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix
from incidentlog.cli.output import Output
from incidentlog.replay.versions import Version, Versions
from incidentlog.schemas.numbers import count, plural
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def versions(
    context: typer.Context, bootstrap: Bootstrap = BOOTSTRAP, prefix: Prefix = "incidentlog", json: Json = None
) -> None:
    """List the versions there are, or retire one."""
    if context.invoked_subcommand:
        return
    output = Output(json)
    found = asyncio.run(Versions(bootstrap, Topics(prefix)).all())
    if output.json:
        output.lines(map(_told, found))
    else:
        output.show(_table(found))


@app.command()
def retire(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Never the live one.", show_default=False)],
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
) -> None:
    """Delete the topics of a version that nobody needs any more; the events stay."""
    deleted = asyncio.run(Versions(bootstrap, Topics(prefix)).retire(version))
    Output(json=False).say(f"{version} is gone: {plural(len(deleted), 'topic')} deleted; the events are all there")


def _told(version: Version) -> dict[str, Any]:
    stands, kept = version.standing, version.kept
    return {
        "version": version.name, "live": version.live, "events": stands.total, "left": stands.left,
        "complete": stands.complete, "as_of": kept.as_of or None if kept else None,
        "known_at": kept.known_at or None if kept else None,
    }  # fmt: skip


def _table(found: list[Version]) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("version", "", "folded", "limits"):
        grid.add_column(heading)
    for each in found:
        stands, kept = each.standing, each.kept
        folded = "all" if stands.complete else f"{count(stands.total - stands.left)} of {plural(stands.total, 'event')}"
        limits = ", ".join(filter(None, (kept.as_of, kept.known_at and f"known at {kept.known_at}"))) if kept else ""
        grid.add_row(each.name, "live" if each.live else "", folded, limits)
    return grid
