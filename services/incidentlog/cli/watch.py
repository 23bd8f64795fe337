"""`incidentlog watch`: a projection's rows as they are, then every change."""

from __future__ import annotations

import asyncio
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
from incidentlog.cli.waiting import doubt, standing_in
from incidentlog.client import Subscriber
from incidentlog.client import UnknownProjection as NoSuchTopic
from incidentlog.client.background import cancel
from incidentlog.client.following import State
from incidentlog.client.rows import Change
from incidentlog.quarantine.following import follow
from incidentlog.quarantine.standing import Standing
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
    interrupts.run(_watch(Watching(Output(json), projection), bootstrap, Topics(prefix), once=once))


class Watching:
    """What a reader sees of one projection: lines of JSON, or one table that changes in place."""

    def __init__(self, output: Output, projection: str) -> None:
        self.output, self.projection = output, projection
        self.rows: dict[str, dict[str, Any]] = {}
        self.standing: Standing | None = None
        self._told: dict[str, int | None] = {}
        self._away = False
        self._live: Live | None = None

    def state(self, state: State) -> None:
        """Tell when the broker goes away, and when it is back."""
        if self._away == (state == "connecting"):
            return
        self._away = not self._away
        if self._live is not None:
            self._live.update(self._picture(), refresh=True)
        else:
            self.output.say("The broker does not answer; waiting for it." if self._away else "The broker is back.")

    def snapshot(self, rows: dict[str, dict[str, Any]]) -> None:
        """Show the rows there are."""
        self.rows = rows
        if self.output.json:
            self.output.lines(map(self._line, rows.values()))
        else:
            self.output.show(self._table(), LEGEND)

    async def follow(self, subscriber: Subscriber) -> None:
        """Show every change, without end."""
        if self.output.json:
            async for change in subscriber:
                gone = {"projection": self.projection, "key": change.key, "gone": True}
                self._take(change)
                self.output.lines([gone if change.row is None else self._line(change.row)])
        with Live(self._picture(), console=self.output.out, auto_refresh=False) as self._live:
            async for change in subscriber:
                self._take(change)
                self._live.update(self._picture(), refresh=True)

    def doubted(self) -> None:
        """Show that dead letters came, or were redriven: rows that they may touch are printed again."""
        if self._live is not None:
            self._live.update(self._picture(), refresh=True)
        elif self.output.json:
            self.output.lines(
                self._line(row) for key, row in self.rows.items() if self._doubt(key) != self._told.get(key)
            )

    def _take(self, change: Change) -> None:
        if change.row is None:
            self.rows.pop(change.key, None)
        else:
            self.rows[change.key] = change.row

    def _doubt(self, key: str) -> int | None:
        return None if self.standing is None else self.standing.touching(self.projection, key)

    def _line(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as it is printed, with what no row on the log has: it says nothing but what claims say."""
        self._told[row["key"]] = self._doubt(row["key"])
        return {**row, "dead_letters": self._told[row["key"]]}

    def _table(self) -> RowTable:
        doubts = {key: count for key in self.rows if (count := self._doubt(key))}
        return RowTable(self.projection, typed(self.projection, self.rows.values()), doubts)

    def _picture(self) -> Group:
        following = "The broker does not answer; waiting for it." if self._away else "Following."
        waiting = "" if self.rows else "No rows yet; publish some claims: incidentlog publish FILE. "
        doubts = doubt(self.standing, self.projection)
        return Group(self._table(), LEGEND, *([doubts] if doubts else []), f"{waiting}{following} Ctrl-C ends.")


async def _watch(watching: Watching, bootstrap: str, topics: Topics, *, once: bool) -> None:
    try:
        async with Subscriber(bootstrap, watching.projection, topics=topics, on_state=watching.state) as subscriber:
            rows = await subscriber.snapshot()
            standing = watching.standing = await standing_in(bootstrap, topics)
            if once or watching.output.json:
                watching.snapshot(rows)
            if once and (told := doubt(standing, watching.projection)):
                watching.output.say(told)
            if not once:
                watching.rows = rows
                following = [] if standing is None else [follow(bootstrap, topics, standing, watching.doubted)]
                letters = asyncio.gather(*following)
                try:
                    await watching.follow(subscriber)
                finally:
                    await cancel(letters)
    except NoSuchTopic as error:
        raise UnknownProjection(error.name, error.known) from error
