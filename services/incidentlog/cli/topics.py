"""`incidentlog topics`: what the cluster has to have before anything can be published."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from incidentlog.cli.errors import FOUND_WRONG
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix
from incidentlog.cli.output import Output
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import Topics
from incidentlog.topics import Difference
from incidentlog.topics import apply as apply_topics
from incidentlog.topics import check as check_topics

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Partitions = Annotated[
    int, typer.Option("--partitions", min=1, metavar="N", help="Partitions of each event topic; they cannot be changed later.")
]  # fmt: skip
Replication = Annotated[
    int, typer.Option("--replication", min=0, metavar="N", help="On how many brokers each record is to be; from 3 on, it is on 2 before it is acknowledged. 0: as the cluster has it.")
]  # fmt: skip


@app.callback()
def _topics() -> None:
    """Create the topics, or say how they differ."""


@app.command()
def apply(
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    partitions: Partitions = 4,
    replication: Replication = 0,
    json: Json = None,
) -> None:
    """Create the topics that are missing. What exists is never altered."""
    output, topics = Output(json), Topics(prefix, partitions=partitions, replication=replication)
    created = asyncio.run(apply_topics(bootstrap, topics))
    if output.json:
        output.lines(
            {"topic": name, "created": name in created} for name in sorted(topic.name for topic in topics.all())
        )
    else:
        there = len(topics.all()) - len(created)
        output.show(f"{plural(len(created), 'topic')} created, {there} there already")
    if not created:
        return
    output.say("Next: incidentlog publish FILE…")


@app.command()
def check(
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    partitions: Partitions = 4,
    replication: Replication = 0,
    json: Json = None,
) -> None:
    """Say how the cluster's topics differ from what they should be, and how to mend it."""
    output, topics = Output(json), Topics(prefix, partitions=partitions, replication=replication)
    differences = asyncio.run(check_topics(bootstrap, topics))
    if output.json:
        output.lines(map(asdict, differences))
    elif differences:
        output.show(_table(differences))
    output.say(f"{plural(len(differences), 'difference')} in {plural(len(topics.all()), 'topic')}")
    if differences:
        raise typer.Exit(FOUND_WRONG)


def _table(differences: list[Difference]) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("topic", "what", "is", "should be", "so"):
        grid.add_column(heading, overflow="fold")
    for each in differences:
        grid.add_row(each.topic, each.setting, each.found, each.expected, each.advice)
    return grid
