"""Where the program starts: the verbs, and the boundary at which errors become a few lines and an exit status."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from incidentlog.cli.errors import CALLED_WRONG, DONE, FOUND_WRONG, status_of
from incidentlog.cli.lazy import Verbs
from incidentlog.schemas.errors import IncidentlogError

NAME = "incidentlog"
DEBUG = "INCIDENTLOG_DEBUG"
INTERRUPTED = 130


class Incidentlog(Verbs):
    """The verbs, in the order in which a newcomer meets them."""

    helps = {  # noqa: RUF012 - read only
        "demo": "See it work: a broker, a worker, five articles, until Ctrl-C.",
        "up": "Run a broker, workers and a gateway here, on a data folder, until Ctrl-C.",
        "publish": "Append claims from sheets or event files to the log.",
        "watch": "Follow a projection: its rows, then every change.",
        "why": "Say why a number is what it is, claim by claim.",
        "timeline": "Show how a number grew, and when that was learned.",
        "fold": "Fold claims into numbers right here, with no broker.",
        "replay": "Fold history again: any day, or a whole new version.",
        "diff": "Say what two versions say differently, and why.",
        "promote": "Make another version the live one.",
        "versions": "List the versions there are, or retire one.",
        "export": "Write all events, or the rows of a projection, to a file with checksums.",
        "import": "Append the events of an export; if it was torn or altered, none.",
        "sheet": "Write claim sheets: check them, locate phrases, get the schema.",
        "doctor": "Say what is wrong with this set-up, and what mends it.",
        "dlq": "Look at dead letters, mend them, publish them again.",
        "review": "Grade, correct, retract or redact claims, or undo that.",
        "token": "Make a token for the gateway: to publish, to see everything, or to review claims.",
        "topics": "Create the topics, say how they differ, or grant rights.",
        "bench": "Measure the engine beside others, on one broker.",
    }


app = typer.Typer(cls=Incidentlog, name=NAME, add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None,
                  context_settings={"help_option_names": ["-h", "--help"]})  # fmt: skip


def _print_version(wanted: bool) -> None:
    if wanted:
        print(NAME, version(NAME))
        raise typer.Exit


@app.callback(no_args_is_help=True)
def _incidentlog(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help=f"Show tracebacks (or set {DEBUG}).")] = False,
) -> None:
    """Incident claims in, numbers out: always low / best / high, with every claim behind them.

    Start with `incidentlog demo`. Nothing else has to be installed.
    """
    del show_version
    if debug:
        os.environ[DEBUG] = "1"


def run(arguments: Sequence[str]) -> int:
    """Run one call and return its exit status: 0 done, 1 the work found something wrong, 2 the call was wrong."""
    if not os.environ.get(DEBUG):
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what matters of it arrives as an error
    try:
        status = typer.main.get_command(app).main(list(arguments), prog_name=NAME, standalone_mode=False)
        return status if isinstance(status, int) else DONE
    except typer.TyperException as error:
        return _usage(error)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except IncidentlogError as error:
        _complain(str(error))
        return _with_traceback(status_of(error))
    except OSError as error:
        _complain(
            f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}; see that there is room and permission"
        )
        return _with_traceback(FOUND_WRONG)
    except Exception as error:  # noqa: BLE001 - the boundary
        _complain(
            f"this is a bug of ours: {_told(error)}; please report it with the output of the same call and --debug"
        )
        return _with_traceback(FOUND_WRONG)


def main() -> NoReturn:
    """Run the call that this process was started with."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that knows no dash shows "?"
    sys.exit(run(sys.argv[1:]))


def _usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":  # called without arguments: its message is the help page
        print(error.message)
        return CALLED_WRONG
    _complain(error.format_message())
    sys.stderr.write(f"Try `{context.command_path if context else NAME} --help`.\n")
    return CALLED_WRONG


def _told(error: Exception) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({place.tb_frame.f_globals.get('__name__', '?')}, line {place.tb_lineno})" if place else ""
    return f"{type(error).__name__}: {error}{where}"


def _complain(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{NAME}: {text}\n")


def _with_traceback(status: int) -> int:
    if os.environ.get(DEBUG):
        sys.excepthook(*sys.exc_info())
    return status
