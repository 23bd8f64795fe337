"""Metrics and health over HTTP, from a thread of its own: it answers also while the program is busy, or hangs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import make_wsgi_app

from incidentlog.observing.health import JSON, Health
from incidentlog.schemas.errors import IncidentlogError

#: Seconds that a client may take to send its request.
_PATIENCE = 5.0
_PHRASES = {200: "200 OK", 404: "404 Not Found", 405: "405 Method Not Allowed", 503: "503 Service Unavailable"}


class ListenFailed(IncidentlogError):
    """Where metrics are to be served, they cannot."""

    def __init__(self, host: str, port: int, cause: str) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"metrics cannot be served on {host}:{port} ({cause}); choose another port, 0 takes a free one"
        )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # http.server's own looks up the machine's name, which may take seconds
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up meanwhile is no news."""


class _Handler(WSGIRequestHandler):
    timeout = _PATIENCE

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - as it is called
        """Scrapes are no news."""


class Endpoint:
    """`with Endpoint(host, port, registry, health) as endpoint:` answers at `endpoint.url`: /metrics, /livez and /readyz.

    `port` 0 takes a free one. ListenFailed if somebody else has it.
    """

    def __init__(self, host: str, port: int, registry: CollectorRegistry, health: Callable[[], Health]) -> None:
        self._metrics, self._health = make_wsgi_app(registry), health
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        kind = type("_Server", (_Server,), {"address_family": family})
        try:
            self._server: WSGIServer = make_server(host, port, self._answer, kind, _Handler)
        except OSError as error:
            raise ListenFailed(host, port, error.strerror or str(error)) from error
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="metrics", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            metrics: Iterable[bytes] = self._metrics(environ, start)
            return metrics
        if path not in ("/livez", "/readyz"):
            status, body = 404, b'{"detail":"there are /metrics, /livez and /readyz"}\n'
        elif environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, body = 405, b"{}\n"
        else:
            status, body = self._health().answer(ready=path == "/readyz")
        start(_PHRASES[status], [("Content-Type", JSON), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
