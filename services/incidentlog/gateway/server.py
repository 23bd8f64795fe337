"""The server: the application on a socket, until it is asked to end."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from incidentlog.client.background import cancel
from incidentlog.gateway.errors import PortTaken
from incidentlog.gateway.protocol import protocol
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.watching import Watching

#: Seconds that requests have to finish once it is asked to end, and files that are open besides connections.
_FINISH, _FILES = 3, 3072
#: Connections that wait to be accepted, and those of them that are before others have their turn.
_BACKLOG, _AT_ONCE = 2048, 50


def listening(settings: GatewaySettings) -> socket.socket:
    """A socket at the address of the settings; PortTaken if somebody else has it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio would leave its small writes to wait for the ones before: 40 ms with every answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise PortTaken(settings.host, settings.port, error.strerror or str(error)) from error
    return listener


async def serve(
    app: FastAPI,
    listener: socket.socket,
    settings: GatewaySettings,
    ready: Callable[[str], None],
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, or `stop`; `ready` hears of the address once the log was read."""
    _allow_files(settings.connections + _FILES)
    config = uvicorn.Config(
        app, http=protocol(settings, app.state.watching.requests.refused), ws="none", lifespan="on", access_log=False, log_config=None, server_header=False,
        proxy_headers=False, backlog=_AT_ONCE, timeout_keep_alive=10, timeout_graceful_shutdown=_FINISH,
    )  # fmt: skip
    gateway: Gateway = app.state.gateway
    server = Server(config, app.state.watching)
    telling = asyncio.create_task(_tell(server, gateway, listener, ready))
    stopping = asyncio.create_task(_stop(server, stop or asyncio.Event()))
    try:
        await server.serve([listener])
    finally:
        await cancel(telling, stopping)


class Server(uvicorn.Server):
    """Ends open streams when it is asked to stop: they would not end by themselves. What is under way is finished, nothing
    more begun."""

    def __init__(self, config: uvicorn.Config, watching: Watching) -> None:
        super().__init__(config)
        self._watching = watching

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as it is called
        """Hear a signal. It is not raised again when all is done, as uvicorn would: what stopped as asked ends with status 0."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.end()

    def end(self) -> None:
        """End as soon as what is under way is done."""
        self._drain()
        self.should_exit = True

    def _drain(self) -> None:
        self._watching.draining = True
        self._watching.gateway.streams.close()


async def _stop(server: Server, asked: asyncio.Event) -> None:
    await asked.wait()
    server.end()


async def _tell(server: Server, gateway: Gateway, listener: socket.socket, ready: Callable[[str], None]) -> None:
    await gateway.ready()
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    listener.listen(_BACKLOG)
    host, port = listener.getsockname()[:2]
    ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(
                resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
            )
