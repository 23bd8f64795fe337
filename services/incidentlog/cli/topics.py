"""`incidentlog topics`: what the cluster has to have before anything can be published."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from incidentlog.cli.errors import FOUND_WRONG, BadOption
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix
from incidentlog.cli.output import Output
from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.security import connection
from incidentlog.schemas.access import ROLES, Grant, grants
from incidentlog.schemas.nearest import nearest
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import Topics
from incidentlog.topics import Difference, commands, grant, together
from incidentlog.topics import apply as apply_topics
from incidentlog.topics import check as check_topics

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Partitions = Annotated[
    int, typer.Option("--partitions", min=1, metavar="N", help="Partitions of each event topic; they cannot be changed later.")
]  # fmt: skip
Replication = Annotated[
    int, typer.Option("--replication", min=0, metavar="N", help="On how many brokers each record is to be; from 3 on, it is on 2 before it is acknowledged. 0: as the cluster has it.")
]  # fmt: skip
_NOBODY = "User:NAME"


@app.callback()
def _topics() -> None:
    """Create the topics, say how they differ, or grant rights."""


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


@app.command()
def access(
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help=f"One of {', '.join(ROLES)}.", show_default=False)] = None,
    principal: Annotated[str, typer.Option("--principal", metavar="User:NAME", help="Whom the cluster knows the program as.")] = _NOBODY,
    version: Annotated[str | None, typer.Option("--version", metavar="NAME", help="On the tables of one version only. Default: of every one.", show_default=False)] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Grant it; that takes an administrator's credentials.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    json: Json = None,
) -> None:  # fmt: skip
    """Say what a role may do on the cluster, with the commands of Kafka's own tool; or grant it. Nothing is ever taken away."""
    output = Output(json)
    if role is None:
        return output.write(f"{name:18}  {what}" for name, what in ROLES.items())
    if role not in ROLES:
        raise BadOption("--role", f"there is no role {role!r}{nearest(role, ROLES)}")
    if apply and (principal == _NOBODY or not principal.startswith("User:")):
        raise BadOption("--principal", f"{principal!r} is nobody: say User:NAME, as the cluster knows the program")
    rights = grants(role, Topics(prefix), version)
    if output.json:
        output.lines(each._asdict() for each in rights)
    else:
        output.show(_rights(rights))
    if apply:
        return _grant(output, bootstrap, principal, rights)
    if not output.json:
        output.write(["", *commands(bootstrap, principal, rights)])
    return None


def _grant(output: Output, bootstrap: str, principal: str, rights: list[Grant]) -> None:
    done = asyncio.run(grant(KafkaBroker(bootstrap, connection()), principal, rights))
    output.say(f"{plural(len(done.new), 'right')} granted to {principal}, {len(done.there)} there already")
    if done.more:
        shown = ", ".join(f"{each.operation} {each.name}" for each in done.more[:3])
        output.say(
            f"{principal} has {plural(len(done.more), 'right')} besides: {shown}. kafka-acls.sh --remove takes them away"
        )


def _rights(rights: list[Grant]) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("may", "what", "names"):
        grid.add_column(heading, overflow="fold")
    for (kind, prefixed, operations), names in together(rights):
        shown = [f"{name}…" if prefixed else name for name in names]
        rest = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        grid.add_row(", ".join(operations), plural(len(names), kind), ", ".join(shown[:3]) + rest)
    return grid


def _table(differences: list[Difference]) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("topic", "what", "is", "should be", "so"):
        grid.add_column(heading, overflow="fold")
    for each in differences:
        grid.add_row(each.topic, each.setting, each.found, each.expected, each.advice)
    return grid
