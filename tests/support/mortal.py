"""A broker of the tests' own that can be stopped, killed and paused, and comes back on its port with what it held."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from incidentlog.local import Broker
from incidentlog.local.config import HOST
from incidentlog.local.ports import choose_ports
from support.stack import Stack, new_stack

T = TypeVar("T")


class Mortal:
    """A broker on `data`. Besides its usual listener it has one that sends its clients to `detour`, where a proxy may be."""

    def __init__(self, data: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mortal", daemon=True)
        self._thread.start()
        ports = self._finish(choose_ports(0))
        direct, self.detour, self.behind = ports.broker, *(self._finish(choose_ports(0)).broker for _ in range(2))
        self.bootstrap = f"{HOST}:{direct}"
        self._broker = Broker(
            data, direct, start_seconds=180, config=_two_listeners(direct, ports.controller, self.behind, self.detour)
        )

    @property
    def pid(self) -> int:
        """Of the JVM."""
        return self._broker.pid

    async def start(self) -> None:
        """Start it, or start it again."""
        await self._run(self._broker.start())

    async def stop(self) -> None:
        """Stop it as it should be."""
        await self._run(self._broker.stop())

    async def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)
        await self._run(self._broker.stop(hurry=True))

    async def ended(self) -> None:
        """Wait until it ends by itself; raises what tells why."""
        await self._run(self._broker.wait_closed())

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """It neither answers nor ends inside the block."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it for good."""
        self._finish(self._broker.stop(hurry=True))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(200)

    async def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


def _two_listeners(direct: int, controller: int, behind: int, detour: int) -> dict[str, str]:
    listeners = {"PLAINTEXT": direct, "DETOUR": behind}
    return {
        "listeners": ",".join(
            f"{name}://{HOST}:{port}" for name, port in (listeners | {"CONTROLLER": controller}).items()
        ),
        "advertised.listeners": f"PLAINTEXT://{HOST}:{direct},DETOUR://{HOST}:{detour}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,DETOUR:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "group.min.session.timeout.ms": "1000",  # tests need not wait as long as users
    }


@contextmanager
def mortal_broker(folder: Path) -> Iterator[Mortal]:
    """A running one on an empty `folder`."""
    broker = Mortal(folder / "data")
    try:
        broker._finish(broker._broker.start())
        yield broker
    finally:
        broker.close()


@pytest.fixture(scope="session")
def shared_mortal() -> Iterator[Mortal]:
    """One for all tests: whoever ends it starts it again."""
    with tempfile.TemporaryDirectory(prefix="incidentlog-mortal-") as folder, mortal_broker(Path(folder)) as broker:
        yield broker


@pytest.fixture
def mortal(shared_mortal: Mortal) -> Mortal:
    """The broker, running, whatever the test before left."""
    if not shared_mortal._broker._node:
        shared_mortal._finish(shared_mortal._broker.start())
    return shared_mortal


@pytest.fixture
async def stack(mortal: Mortal) -> Stack:
    """Topics on it."""
    return await new_stack(mortal.bootstrap)
