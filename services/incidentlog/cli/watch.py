"""`incidentlog watch`: a projection's rows as they are, then every change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live

from incidentlog.cli import interrupts
from incidentlog.cli.board import typed
from incidentlog.cli.errors import UnknownProjection
from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Json, Prefix
from incidentlog.cli.output import Output
from incidentlog.cli.tables import LEGEND, RowTable
from incidentlog.client import Subscriber
from incidentlog.client import UnknownProjection as NoSuchTopic
from incidentlog.client.following import State
from incidentlog.schemas.topics import PROJECTIONS, Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def watch(
    projection: Annotated[str, typer.Argument(metavar="PROJECTION", help=f"One of {', '.join(PROJECTIONS)}.", show_default=False)],
    once: Annotated[bool, typer.Option("--once", help="Print the rows as they are now, and end.")] = False,
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
    json: Json = None,
) -> None:  # fmt: skip
    """Follow a projection: its rows, then every change."""
    output = Output(json)
    interrupts.run(_watch(output, projection, bootstrap, Topics(prefix), once=once))


def _tell(output: Output) -> Callable[[State], None]:
    """Say when the broker goes away, and when it is back."""
    away = False

    def told(state: State) -> None:
        nonlocal away
        if away != (state == "connecting"):
            away = not away
            output.say("The broker does not answer; waiting for it." if away else "The broker is back.")

    return told


async def _watch(output: Output, projection: str, bootstrap: str, topics: Topics, *, once: bool) -> None:
    try:
        async with Subscriber(bootstrap, projection, topics=topics, on_state=_tell(output)) as subscriber:
            rows = await subscriber.snapshot()
            if output.json:
                output.lines(rows.values())
            elif once:
                output.show(RowTable(projection, typed(projection, rows.values())), LEGEND)
            if not once:
                await (_print_changes if output.json else _redraw)(output, subscriber, rows)
    except NoSuchTopic as error:
        raise UnknownProjection(error.name, error.known) from error


async def _print_changes(output: Output, subscriber: Subscriber, _rows: dict[str, Any]) -> None:
    async for change in subscriber:
        gone = {"projection": subscriber.projection, "key": change.key, "gone": True}
        output.lines([gone if change.row is None else change.row])


async def _redraw(output: Output, subscriber: Subscriber, rows: dict[str, Any]) -> None:
    def picture() -> Group:
        waiting = "" if rows else "No rows yet. Publish some claims: incidentlog publish FILE…\n"
        return Group(
            RowTable(subscriber.projection, typed(subscriber.projection, rows.values())),
            waiting + "Following. Ctrl-C ends.",
        )

    with Live(picture(), console=output.out, auto_refresh=False) as live:
        async for change in subscriber:
            if change.row is None:
                rows.pop(change.key, None)
            else:
                rows[change.key] = change.row
            live.update(picture(), refresh=True)
