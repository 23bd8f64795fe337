"""`incidentlog promote`: another version becomes the live one, for all its subscribers, by one record."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from incidentlog.cli.options import BOOTSTRAP, Bootstrap, Prefix, program
from incidentlog.cli.output import Output
from incidentlog.replay.versions import Versions
from incidentlog.schemas.topics import Topics

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def promote(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Such as v2; it must be complete.", show_default=False)],
    bootstrap: Bootstrap = BOOTSTRAP,
    prefix: Prefix = "incidentlog",
) -> None:  # fmt: skip
    """Make another version the live one.

    Estimates and all roll-ups switch together. Promoting back works as well.
    """
    output = Output(json=False)
    before = asyncio.run(Versions(bootstrap, Topics(prefix)).promote(version))
    if before == version:
        output.say(f"{version} is live already")
    else:
        output.say(f"{version} is live, in place of {before}\nBack again: {program()} promote {before}")
