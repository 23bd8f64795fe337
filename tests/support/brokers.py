"""The Kafka broker that the integration tests run on: given, embedded, in a container; one of each kind per session."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from incidentlog.local import Broker
from incidentlog.local.ports import choose_ports
from incidentlog.local.readiness import wait_ready

GIVEN_VARIABLE = "INCIDENTLOG_TEST_BOOTSTRAP"
GIVEN = os.environ.get(GIVEN_VARIABLE)
START_SECONDS = 120
KINDS = ["given"] if GIVEN else ["embedded", pytest.param("container", marks=pytest.mark.docker)]

T = TypeVar("T")
#: So little may an embedded broker's groups wait for a member that died: tests need not wait as long as users.
_HASTY = {"group.min.session.timeout.ms": "1000"}

#: What the names of topics begin with that tests have made on shared brokers, by address.
MADE: defaultdict[str, set[str]] = defaultdict(set)
_shared: set[str] = set()


@pytest.fixture(scope="session", params=KINDS)
def bootstrap(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a real broker, shared by all tests: give topics and groups names of your own."""
    with opened(request.param) as address:
        _shared.add(address)
        yield address
        _shared.remove(address)


@pytest.fixture(scope="module", autouse=True)
def _topics_removed() -> Iterator[None]:
    """Remove a module's topics after it: clients ask for all there are, and of thousands they would long be told."""
    yield
    for address in _shared & MADE.keys():
        with own_loop() as loop:
            loop.run(_remove(address, tuple(MADE.pop(address))))


async def _remove(address: str, prefixes: tuple[str, ...]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.delete_topics([name for name in await admin.list_topics() if name.startswith(prefixes)])
    finally:
        await admin.close()


@pytest.fixture
def short_session(request: pytest.FixtureRequest) -> float:
    """The shortest session, in seconds, that the broker allows and a busy machine bears."""
    return 3.0 if request.node.callspec.params["bootstrap"] == "embedded" else 6.0


@contextmanager
def opened(kind: str) -> Iterator[str]:
    """A broker of this kind, ready to take records, and its address."""
    if kind == "given":
        assert GIVEN
        yield GIVEN
    elif kind == "embedded":
        with own_loop() as loop:
            broker = Broker(config=_HASTY)
            loop.run(broker.start())
            yield broker.bootstrap
            loop.run(broker.stop())
    else:
        from support.containers import KafkaContainer

        with own_loop() as loop:
            port = loop.run(choose_ports(0)).broker
            with KafkaContainer(port) as container:
                loop.run(wait_ready(container.bootstrap))
                yield container.bootstrap


class OwnLoop:
    """An event loop in a thread of its own, so that the broker outlives the loops of single tests."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="broker", daemon=True)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` to its end in that loop."""
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, START_SECONDS), self.loop).result()


@contextmanager
def own_loop() -> Iterator[OwnLoop]:
    """A loop that outlives those of single tests."""
    own = OwnLoop()
    own.thread.start()
    try:
        yield own
    finally:
        own.loop.call_soon_threadsafe(own.loop.stop)
        own.thread.join()
        own.loop.close()
