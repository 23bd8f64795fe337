"""`incidentlog token`: tokens for whoever may publish through the gateway, see everything there, or review claims."""

from __future__ import annotations

from typing import Annotated

import typer

from incidentlog.cli.errors import BadOption
from incidentlog.cli.output import Output
from incidentlog.gateway.tokens import SCOPES, new_token

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _token() -> None:
    """Make a token for the gateway: to publish, to see everything, or to review claims."""


@app.command()
def new(
    scope: Annotated[list[str], typer.Option("--scope", metavar="SCOPE", help=f"{', '.join(SCOPES)}; may be repeated.", show_default=False)],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Whose it is, for the file.")] = "",
) -> None:  # fmt: skip
    """Make a token.

    It is printed this once and kept nowhere; the gateway gets the line, which it cannot be read from.
    """
    chosen = [each for each in SCOPES if each in scope]
    if len(chosen) < len(set(scope)):
        raise BadOption(
            "--scope", f"{next(each for each in scope if each not in SCOPES)!r} is none of {', '.join(SCOPES)}"
        )
    token, line = new_token(chosen, name)
    output = Output(json=False)
    output.say("Hand over the first line, put the second into the file that INCIDENTLOG_TOKENS_FILE names:")
    output.write([token, line])
