"""One run: a seed in, what happened out."""

from __future__ import annotations

import gc
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest import mock

from faust.app import base as faust_app
from faust.transport import consumer as faust_consumer

from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.worker import engine, incidents, reading, recovery, stage, watch, worker, writer
from simulation.app import App
from simulation.broker import Broker
from simulation.cluster import Cluster
from simulation.faults import Faults
from simulation.loop import VirtualLoop
from simulation.producer import Producer
from simulation.reader import Reader
from simulation.stubs import Bystanders
from simulation.world import TOPICS, WORLDS, World, identity_of, placed, read, told_by, world
from support.generate import Produced

_SETTLING = 400.0


@dataclass
class Outcome:
    """What a run came to; `failure` is empty if all was as it must be."""

    seed: int
    failure: str = ""
    events: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    history: list[tuple[float, str]] = field(default_factory=list)


def run(seed: int) -> Outcome:
    """Simulate what this seed means. To be called within `in_place_of_kafka`."""
    rng = random.Random(seed)
    here = world(seed % WORLDS)
    broker = Broker(rng, VirtualLoop(rng), here)
    App.broker = Producer.broker = Reader.broker = broker
    collecting = gc.isenabled()
    gc.disable()  # when garbage is found must not decide what happens
    try:
        return _Run(seed, rng, broker, here).outcome()
    finally:
        if collecting:
            gc.enable()


@contextmanager
def in_place_of_kafka() -> Iterator[None]:
    """The product's modules find the simulated broker where they look for the client libraries."""

    async def layout(_: Any) -> Any:
        return App.broker.world.layout

    nothing = Bystanders()
    still = SimpleNamespace(freeze=nothing.nothing, collect=nothing.nothing)
    untold = SimpleNamespace(logtable=nothing.nothing)
    with ExitStack() as stack:
        for module, name, instead in (
            (worker, "App", App),
            (worker, "gc", still),
            (engine, "gc", still),
            (faust_consumer, "gc", still),
            (faust_consumer, "terminal", untold),
            (faust_consumer, "flight_recorder", Bystanders.recorder),
            (faust_app, "flight_recorder", Bystanders.recorder),
            (faust_consumer, "traced_from_parent_span", Bystanders.untraced),
            (faust_app, "traced_from_parent_span", Bystanders.untraced),
            (writer, "AIOKafkaProducer", Producer),
            (recovery, "AIOKafkaConsumer", Reader),
            (incidents, "check", layout),
            (reading, "orjson", SimpleNamespace(loads=nothing.same)),
            (reading, "records", SimpleNamespace(read=read)),
            (stage, "_BEHIND", 4),
            (watch, "_EVERY", 10 * _SETTLING),
        ):
            stack.enter_context(mock.patch.object(module, name, instead))
        yield


class _Run:
    def __init__(self, seed: int, rng: random.Random, broker: Broker, here: World) -> None:
        self._rng, self._broker, self._world = rng, broker, here
        self._cluster = Cluster(broker, rng)
        self._outcome = Outcome(seed, history=self._cluster.history)
        seconds = rng.uniform(4.0, 40.0)
        self._ends: Counter[tuple[str, int]] = Counter()
        self._publish(seconds)
        for _ in range(rng.choice((2, 2, 2, 3))):
            self._cluster.add()
        self._faults = Faults(self._cluster, rng, seconds)
        self._healed = False
        self._look()
        broker.network.later(self._heal, delay=seconds)

    def outcome(self) -> Outcome:
        loop, out = self._broker.loop, self._outcome
        if not loop.run(_SETTLING) and not self._broken():
            out.failure = f"not settled after {_SETTLING:g} s; {self._unsettled()}"
        out.failure = out.failure or self._broken() or self._difference()
        out.counts = self._counts()
        self._cluster.end()
        return out

    def _publish(self, seconds: float) -> None:
        """Late, shuffled, and some of them several times."""
        rng, network = self._rng, self._broker.network
        told_of = [event for event in self._world.events for _ in range(rng.choices((1, 2, 3), (13, 1, 1))[0])]
        self._outcome.events = len(told_of)
        rng.shuffle(told_of)
        moments = sorted(rng.random() ** 2 * seconds * 0.9 for _ in range(rng.randint(2, 5)))
        together: dict[float, list[Produced]] = defaultdict(list)
        for place, event in enumerate(told_of):
            self._ends[placed(event, self._world.partitions)] += 1
            together[moments[place * len(moments) // len(told_of)]].append(event)
        for delay, events in together.items():
            network.later(self._broker.publish, events, delay=delay)

    def _heal(self) -> None:
        self._faults.heal()
        self._cluster.note("faults stop")
        self._healed = True

    def _broken(self) -> str:
        return self._broker.invariants.broken or self._cluster.broken

    def _look(self) -> None:
        """Now and then: whether it is over."""
        if self._broken() or (self._healed and self._broker.transactions.quiet() and not self._unsettled()):
            self._broker.loop.over = True
        else:
            self._broker.network.later(self._look, delay=1.0)

    def _unsettled(self) -> dict[tuple[str, int], str]:
        """Partitions whose end is not committed yet; of the contributions, the last one that can be read."""
        offsets = {at: committed.offset for at, committed in self._broker.group.offsets.items()}
        ends = dict(self._ends)
        for number in range(self._world.partitions):
            part = self._broker.log[TOPICS.contributions, number]
            ends[TOPICS.contributions, number] = part.last + 1
        return {at: f"{offsets.get(at, 0)} of {end}" for at, end in ends.items() if offsets.get(at, 0) < end}

    def _difference(self) -> str:
        log, partitions, expected = self._broker.log, self._world.partitions, self._world.rows
        rows = {
            (topic, key.decode()): told_by(value)
            for topic in map(TOPICS.rows, PROJECTIONS)
            for key, value in log.latest(topic, partitions).items()
        }
        statements = {identity_of(*each) for each in log.latest(TOPICS.statements, partitions).items()}
        wrong = [at for at in rows.keys() | expected.keys() if rows.get(at) != expected.get(at)]
        if lost := self._world.statements ^ statements:
            return f"{len(lost)} statements are lost or not known, such as {min(lost)}"
        if wrong:
            return f"{len(wrong)} rows differ; {min(wrong)}: {rows.get(min(wrong))}, must be {expected.get(min(wrong))}"
        return ""

    def _counts(self) -> Counter[str]:
        broker = self._broker
        return Counter(self._faults.counts) + Counter(
            {
                "transactions": broker.invariants.transactions,
                "torn transactions": broker.transactions.torn,
                "aborted transactions": broker.transactions.aborted,
                "commits refused": broker.group.outdated,
                "generations": broker.group.generation,
                "steps": broker.loop.steps,
            }
        )
