"""`python -m incidentlog.worker`: one worker until SIGTERM or SIGINT. Says on stdout, in JSON, when it is live."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, NoReturn

from incidentlog.client.background import cancel
from incidentlog.observing import logs, tracing
from incidentlog.schemas.errors import IncidentlogError
from incidentlog.worker import quiet
from incidentlog.worker.errors import ExtraMissing
from incidentlog.worker.settings import BOOTSTRAP_VARIABLE, WorkerSettings

if TYPE_CHECKING:
    from incidentlog.worker.job import Plan
    from incidentlog.worker.keeper import Keeper
    from incidentlog.worker.worker import Watched

_DEFAULT_BOOTSTRAP = "127.0.0.1:19092"
#: Beyond what stopping may take, until the process ends by force.
_LATE_SECONDS = 5.0


def main(arguments: list[str] | None = None, plan: Plan | None = None) -> int:
    """Run a worker; the exit status: 0 stopped as asked, 1 something is wrong, 2 the call was. `plan`: of another job."""
    options = _parser().parse_args(arguments)
    if options.log_format:
        os.environ[logs.VARIABLE] = options.log_format  # the workers of other versions are told, too
    quiet.set_up(verbose=options.verbose, json=logs.wants_json())
    settings = WorkerSettings.from_json(options.settings) if options.settings else _settings(options)
    try:
        with tracing.exported("incidentlog-worker"):
            asyncio.run(
                _keep(settings) if options.every_version else _run(settings, plan, watch_parent=options.watch_parent)
            )
    except IncidentlogError as error:
        sys.stderr.write(f"{logs.error_line(error, 'worker') if logs.wants_json() else error}\n")
        return 1
    return 0


async def _keep(settings: WorkerSettings) -> None:
    """A worker for every version that is kept, each a process of its own, until this one is asked to end."""
    from incidentlog.worker.keeper import Keeper  # noqa: PLC0415 - a worker has no use for a client

    keeper, asked, loop = Keeper(settings), asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    with _overseen(settings, keeper):
        await _kept(settings, keeper, asked)


async def _kept(settings: WorkerSettings, keeper: Keeper, asked: asyncio.Event) -> None:
    keeping, asking = asyncio.create_task(keeper.run()), asyncio.create_task(asked.wait())
    try:
        await asyncio.wait([keeping, asking], return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            keeping.result()
    finally:
        await cancel(keeping, asking)
        await keeper.stop(settings.stop_timeout)


async def _run(settings: WorkerSettings, plan: Plan | None, *, watch_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stop, settings.stop_timeout)
    if watch_parent:
        threading.Thread(target=_watch_stdin, args=(loop, stop, settings.stop_timeout), daemon=True).start()
    try:
        # Faust takes long to import: signals are heard before.
        from incidentlog.worker.incidents import incidents  # noqa: PLC0415
        from incidentlog.worker.worker import run  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if missing.name in {"faust", "mode"}:
            raise ExtraMissing(missing.name) from missing
        raise
    library = logging.getLogger("aiokafka")
    library.setLevel(logging.CRITICAL)  # a coordinator that is not there yet is no news

    def ready(partitions: set[int], seconds: float) -> None:
        library.setLevel(logging.NOTSET)
        _say("ready", partitions=sorted(partitions), seconds=round(seconds, 3))

    with _observed(settings) as watched:
        _say("stopped", **dataclasses.asdict(await run(settings, stop, ready, plan or incidents, watched)))


@contextmanager
def _observed(settings: WorkerSettings) -> Iterator[Watched]:
    """Serve metrics and health meanwhile, if they are wanted; gives what watches a worker."""
    if settings.metrics_port < 0:
        yield lambda _: nullcontext()
        return
    from incidentlog.observing.families import registry  # noqa: PLC0415 - a worker that is not watched has no use for it
    from incidentlog.observing.serving import Endpoint  # noqa: PLC0415
    from incidentlog.worker.observer import Observer  # noqa: PLC0415

    observer = Observer(settings)
    with Endpoint(settings.metrics_host, settings.metrics_port, registry(observer.metrics), observer.health) as here:
        _say("serving", url=here.url)
        yield observer.watch


@contextmanager
def _overseen(settings: WorkerSettings, keeper: Keeper) -> Iterator[None]:
    """The same for workers of all versions."""
    if settings.metrics_port < 0:
        yield
        return
    from incidentlog.observing.serving import Endpoint  # noqa: PLC0415
    from incidentlog.worker.overseer import Overseer  # noqa: PLC0415

    overseer = Overseer(keeper)
    with Endpoint(settings.metrics_host, settings.metrics_port, overseer.registry(), overseer.health) as here:
        _say("serving", url=here.url)
        yield


def _stop(stop: asyncio.Event, seconds: float) -> None:
    """Ask for the end, and see that it comes."""
    stop.set()
    _end_within(seconds + _LATE_SECONDS)


def _end_within(seconds: float) -> None:
    """End by force if need be: whatever hangs then is nothing that was not stored and committed."""
    late = threading.Timer(seconds, _give_up)
    late.daemon = True
    late.start()


def _give_up() -> None:
    try:
        sys.stderr.write(
            "the worker did not stop in time and ends now; nothing is lost, start it again when it is wanted\n"
        )
        sys.stderr.flush()
    finally:
        os._exit(1)  # also where nobody is left to hear it


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, seconds: float) -> None:
    while os.read(0, 4096):
        pass
    _end_within(seconds + _LATE_SECONDS)  # also where the loop hangs, and hears of nothing
    with suppress(RuntimeError):  # it is over already
        loop.call_soon_threadsafe(stop.set)


def _say(state: str, **told: Any) -> None:
    sys.stdout.write(json.dumps({"state": state, **told, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m incidentlog.worker", description=__doc__)
    parser.add_argument(
        "--bootstrap", default=os.environ.get(BOOTSTRAP_VARIABLE, _DEFAULT_BOOTSTRAP), help="HOST:PORT[,…]"
    )
    for field in dataclasses.fields(WorkerSettings)[1:]:
        option = "--" + field.name.replace("_", "-")
        parser.add_argument(option, type=type(field.default), default=field.default, help=f"{field.default} by default")
    parser.add_argument("--settings", help=argparse.SUPPRESS)
    parser.add_argument("--watch-parent", action="store_true", help="stop when standard input is closed")
    parser.add_argument("--every-version", action="store_true", help="a worker for each version, as they come and go")
    parser.add_argument("--log-format", choices=logs.FORMATS, help=f"as {logs.VARIABLE} says, else text")
    parser.add_argument("--verbose", action="store_true", help="log everything from INFO on, with tracebacks")
    return parser


def _settings(options: argparse.Namespace) -> WorkerSettings:
    return WorkerSettings(**{field.name: getattr(options, field.name) for field in dataclasses.fields(WorkerSettings)})


def leave(status: int) -> NoReturn:
    """End the process at once: threads of a crashed engine must not keep it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main())
