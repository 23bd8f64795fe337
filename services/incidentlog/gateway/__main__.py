"""`python -m incidentlog.gateway`: one gateway until SIGTERM or SIGINT. Says on stdout, in JSON, when it answers and where."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from incidentlog.gateway.settings import PORT, GatewaySettings
from incidentlog.observing import logs, tracing
from incidentlog.schemas.errors import IncidentlogError

if TYPE_CHECKING:
    from incidentlog.gateway.watching import Watching


def main(arguments: list[str] | None = None) -> int:
    """Run a gateway; the exit status: 0 stopped as asked, 1 something is wrong."""
    options = _parser().parse_args(arguments)
    if options.log_format:
        os.environ[logs.VARIABLE] = options.log_format
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    if logs.wants_json():
        logging.getLogger().handlers[0].setFormatter(logs.JsonLines("gateway"))
    logging.getLogger("incidentlog.access").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # what strangers send is no news
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what matters of it is told by what follows the log
    settings = GatewaySettings.from_json(sys.stdin.readline()) if options.settings_from_stdin else _settings(options)
    try:
        with tracing.exported("incidentlog-gateway"):
            asyncio.run(_run(settings, watch_parent=options.settings_from_stdin))
    except IncidentlogError as error:
        sys.stderr.write(f"{logs.error_line(error, 'gateway') if logs.wants_json() else error}\n")
        return 1
    return 0


async def _run(settings: GatewaySettings, *, watch_parent: bool) -> None:
    # What it runs on takes long to import: what can be wrong with the call is told before.
    from incidentlog.gateway.server import listening  # noqa: PLC0415

    listener = listening(settings)
    from incidentlog.client.connect import check_entry  # noqa: PLC0415
    from incidentlog.gateway.app import create_app  # noqa: PLC0415
    from incidentlog.gateway.registers import read  # noqa: PLC0415
    from incidentlog.gateway.server import serve  # noqa: PLC0415

    await check_entry(settings.bootstrap)  # what follows the log would go on trying, and serve nothing
    registers = read(filter(None, settings.registers.split(",")))
    app = create_app(settings, registers=registers)
    gc.freeze()  # what is imported stays: no need to look at it again and again
    if watch_parent:
        threading.Thread(target=_watch_parent, daemon=True).start()
    with _watched(app.state.watching, settings):
        await serve(app, listener, settings, lambda url: _say("ready", url=url))


@contextmanager
def _watched(watching: Watching, settings: GatewaySettings) -> Iterator[None]:
    """Serve metrics and health on a port of their own meanwhile, if that is wanted."""
    if settings.metrics_port < 0:
        yield
        return
    from incidentlog.observing.families import registry  # noqa: PLC0415 - as above
    from incidentlog.observing.serving import Endpoint  # noqa: PLC0415

    with Endpoint(settings.metrics_host, settings.metrics_port, registry(watching.metrics), watching.health) as here:
        _say("serving", metrics=here.url)
        yield


def _say(state: str, **told: str) -> None:
    sys.stdout.write(json.dumps({"state": state, **told, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


def _watch_parent() -> None:
    """End with the program that started this one, however that ends."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), 15)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m incidentlog.gateway", description=__doc__)
    defaults = GatewaySettings.from_environment()
    parser.add_argument("--bootstrap", default=defaults.bootstrap, help="HOST:PORT[,…] of the Kafka brokers")
    parser.add_argument("--prefix", default=defaults.prefix, help="what the topics' names begin with")
    parser.add_argument("--host", default=defaults.host, help=f"where to listen, {defaults.host} by default")
    parser.add_argument("--port", type=int, default=defaults.port, help=f"{PORT} by default; 0 takes a free one")
    parser.add_argument("--metrics-host", default=defaults.metrics_host, help="where metrics and health are served")
    parser.add_argument(
        "--metrics-port",
        type=int,
        default=defaults.metrics_port,
        help="and on which port; 0 takes a free one, -1 serves none there",
    )
    parser.add_argument("--tokens-file", default=defaults.tokens_file, help="digests of tokens, with their scopes")
    parser.add_argument(
        "--registers", action="append", type=Path, default=[], help="a file of registers; may be repeated"
    )
    parser.add_argument("--log-format", choices=logs.FORMATS, help=f"as {logs.VARIABLE} says, else text")
    parser.add_argument("--settings-from-stdin", action="store_true", help=argparse.SUPPRESS)
    return parser


def _settings(options: argparse.Namespace) -> GatewaySettings:
    names = ("bootstrap", "prefix", "host", "port", "tokens_file", "metrics_host", "metrics_port")
    changes = {name: getattr(options, name) for name in names}
    changes |= {"registers": ",".join(map(str, options.registers))} if options.registers else {}
    return GatewaySettings.from_environment(**changes)


if __name__ == "__main__":
    sys.exit(main())
