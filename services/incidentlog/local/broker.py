"""The embedded broker: a real Apache Kafka as a child process of this program, for as long as it is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from incidentlog.local.digests import KAFKA_VERSION
from incidentlog.local.folder import DataFolder
from incidentlog.local.jars import JarStore, Progress, silent
from incidentlog.local.java import Profile
from incidentlog.local.node import Node
from incidentlog.local.places import cache_folder
from incidentlog.local.secured import Secured
from incidentlog.local.template import bootstrap_checkpoint

START_SECONDS = 60.0
#: The folder of a secured broker's certificates and passwords, within its data folder.
CREDENTIALS = "credentials"


class Broker:
    """Apache Kafka, one KRaft node on 127.0.0.1; `async with Broker() as broker:` then `broker.bootstrap`.

    `data` is its folder; None takes a temporary one, removed at the end. `port` 0 takes a free one. `progress` hears of
    the one-time fetching of jars and of the start. `profile` "benchmark" gives it a larger heap and every compiler;
    `config` overrides settings of the broker, `flags` are Java's. With `users` it is secured (`incidentlog.local.secured`):
    they and nobody else are let in, and may nothing until that is granted. It ends with this program, however that ends.
    """

    def __init__(
        self,
        data: Path | None = None,
        port: int = 0,
        *,
        progress: Progress | None = None,
        profile: Profile = "quick",
        config: Mapping[str, str] | None = None,
        users: Sequence[str] = (),
        flags: Sequence[str] = (),
        start_seconds: float = START_SECONDS,
    ) -> None:
        self._data, self._port, self._profile, self._config = data, port, profile, dict(config or {})
        self._progress: Progress = progress or silent
        self._start_seconds, self._users, self._flags = start_seconds, users, flags
        self._node: Node | None = None

    @property
    def bootstrap(self) -> str:
        """The address to connect to, `host:port`."""
        return self._running.ports.bootstrap

    @property
    def inside(self) -> str:
        """Where a secured broker answers to who comes as the broker itself, `host:port`."""
        return self._running.ports.among_brokers

    @property
    def pid(self) -> int:
        """The process id of the JVM."""
        child = self._running.child
        return child.pid if child else 0

    @property
    def log(self) -> Path:
        """The broker's log: warnings and errors of Kafka and of Java."""
        return self._running.folder.log

    @property
    def secured(self) -> Secured | None:
        """How its users log in; None if it is open to everyone."""
        return self._running.secured

    @property
    def data(self) -> Path:
        """The data folder, whoever chose it."""
        return self._running.folder.path

    async def start(self) -> None:
        """Return when the broker has acknowledged a record; raises a LocalError and leaves nothing behind otherwise."""
        cache = cache_folder() / f"kafka-{KAFKA_VERSION}"
        jars = await JarStore(cache / "jars").ready(self._progress)
        self._progress(f"Starting Kafka {KAFKA_VERSION}", 0, 1)
        checkpoint = await bootstrap_checkpoint(cache, jars)
        node = Node(DataFolder.open(self._data), jars, cache, self._profile, self._config, self._flags)
        try:
            node.folder.format(checkpoint)
            if self._users:
                node.secured = Secured.within(node.folder.path / CREDENTIALS, self._users)
            await node.start(self._port, self._start_seconds)
        except BaseException:
            await node.stop(hurry=True)
            raise
        self._node = node
        self._progress(f"Kafka {KAFKA_VERSION} answers on {self.bootstrap}", 1, 1)

    async def stop(self, *, hurry: bool = False) -> None:
        """End the broker, its folder too if it is temporary; harmless when repeated.

        With a folder to keep it ends in its own time, at most ten seconds, then by force; else at once, but for the first
        run ever, which takes some 3 s to note for later ones how to start faster, unless there is a `hurry`.
        """
        node, self._node = self._node, None
        if node is not None:
            await node.stop(hurry=hurry)

    async def wait_closed(self) -> None:
        """Return when the broker was stopped; raise BrokerExited as soon as it ends without that."""
        await self._running.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(hurry=kind is not None)

    @property
    def _running(self) -> Node:
        if self._node is None:
            raise RuntimeError("the broker is not running: use it within `async with`, or after `await start()`")
        return self._node
