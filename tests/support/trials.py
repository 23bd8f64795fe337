"""Experiments with faults: what was done to the service, and what came out beside an oracle.

A test marked `fault` asks for the fixture `trial`: it takes its random choices from there, tells how often the fault was
injected, measures each recovery, and has the outcome judged. `support.fault_table` makes a table of all of them.

    @pytest.mark.fault("P1", "a worker is killed", seed=20)
    async def test_a_killed_worker_changes_no_number(bootstrap: str, trial: Trial) -> None:
        events = list(generate(trial.size(3_000, 200_000), seed=trial.seed))
        ...
        trial.injected()
        async with trial.recovery(stack):  # the clock runs from here until a claim published after the block is in the rows
            await worker.start()
        await stack.settled()
        await trial.judge(stack, events)

For a fault that an operator must cure (`heals=False` in the marker), the block holds the cure's last step.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
import pytest

from support.generate import Produced
from support.probes import Probes
from support.stack import Rows, Stack, expected

#: From the moment a fault is healed, or its operator has cured it, until everything is live again.
RECOVERY_SECONDS = 20.0

T = TypeVar("T")


@dataclass
class Trial:
    """One experiment. `heals`: nobody has to do anything for the service to come back. `recoveries` are in
    seconds, and may take no longer than `limit`."""

    experiment: str
    fault: str
    seed: int
    heals: bool = True
    whole: bool = False
    times: int = 0
    events: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    judged: bool = False
    limit: float = RECOVERY_SECONDS
    recoveries: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.experiment} {self.seed}")
        self._probes: dict[str, Probes] = {}

    def size(self, short: T, whole: T) -> T:
        """How many: `short` as in CI, `whole` under --whole."""
        return whole if self.whole else short

    def within(self, seconds: float) -> float:
        """So many seconds, and more on a machine that is busy."""
        return seconds * self.limit / RECOVERY_SECONDS

    def injected(self, times: int = 1) -> None:
        """The fault has been injected."""
        self.times += times

    @asynccontextmanager
    async def recovery(self, stack: Stack, seconds: float = 3 * RECOVERY_SECONDS) -> AsyncIterator[None]:
        """Measure from the block's beginning until what is published at its end is in the rows and committed."""
        began = time.monotonic()
        yield
        await self.probes(stack).live(self.within(seconds))
        self.recoveries.append(time.monotonic() - began)

    def probes(self, stack: Stack) -> Probes:
        """The claims that recoveries on this stack are measured by; `judge` counts them in."""
        return self._probes.setdefault(stack.topics.prefix, Probes(stack))

    async def judge(self, stack: Stack, acknowledged: Iterable[Produced], unsure: Iterable[Produced] = ()) -> None:
        """Compare what a settled stack holds with the oracle; may be called for several stacks.

        `acknowledged` is every good event that the broker acknowledged, in any order and as often as it was; `unsure` are
        those that may be in the log or not, since nobody could tell their publisher.
        """
        published = [*acknowledged, *self.probes(stack).published]
        stored, repeated = await _stored(stack)
        ids = {_id(event) for event in published}
        possible = [event for event in unsure if _id(event) in stored - ids]
        oracle, rows = expected([*published, *possible]), await stack.rows()
        strange = stored - ids - {_id(event) for event in possible}
        differing = sorted(key for key in oracle.keys() | rows.keys() if oracle.get(key) != rows.get(key))
        self.events += len(published)
        self.lost += len(ids - stored)
        self.duplicated += repeated + len(strange)
        self.wrong += len(differing)
        self.judged = True
        assert not ids - stored, f"seed {self.seed}: {len(ids - stored)} events lost, as {min(ids - stored)}"
        assert not repeated, f"seed {self.seed}: {repeated} statements were stored twice"
        assert not strange, f"seed {self.seed}: {len(strange)} statements of no event published, as {min(strange)}"
        assert not differing, f"seed {self.seed}: {len(differing)} rows are wrong: {_first(differing, rows, oracle)}"
        assert max(self.recoveries, default=0) <= self.limit, self.recoveries


async def _stored(stack: Stack) -> tuple[set[str], int]:
    """The ids in the sets, and how many statements were stored again though nothing had changed."""
    records = [record for record in await stack.read(stack.topics.statements) if record.value is not None]
    distinct = {(record.key, record.value) for record in records}
    return {key.decode().split("#")[1] for key, _ in distinct}, len(records) - len(distinct)


def _id(event: Produced) -> str:
    return str(orjson.loads(event.value)["id"])


def _first(keys: list[tuple[str, str]], rows: Rows, oracle: Rows) -> str:
    told = [f"{'/'.join(key)} is {rows.get(key)}, should be {oracle.get(key)}" for key in keys[:2]]
    return "; ".join(told)


def _variant(request: pytest.FixtureRequest) -> list[str]:
    """By what this run of a test differs from its others, the broker aside."""
    callspec = getattr(request.node, "callspec", None)
    ids = callspec.id.split("-") if callspec else []
    return [each for each in ids if each not in {"given", "embedded", "container"}]


@pytest.fixture
def whole(pytestconfig: pytest.Config) -> bool:
    """Whether it is to be tried in full, for a test without a row in the table."""
    return bool(pytestconfig.getoption("--whole"))


@pytest.fixture
def trial(request: pytest.FixtureRequest, record_property: Callable[[str, Any], None]) -> Iterator[Trial]:
    """The experiment of a test that is marked `fault`."""
    marker = request.node.get_closest_marker("fault")
    assert marker is not None, "a test with a trial says by @pytest.mark.fault(experiment, fault, seed=…) what it tries"
    given: Any = marker.kwargs
    seed = request.config.getoption("--seed")
    trial = Trial(*marker.args, **given | ({"seed": seed} if seed is not None else {}))
    trial.fault += "".join(f" ({each})" for each in _variant(request))
    trial.whole, trial.limit = request.config.getoption("--whole"), request.config.getoption("--recovery")
    print(f"seed {trial.seed}")
    began = time.monotonic()
    yield trial
    told = {name: value for name, value in vars(trial).items() if name not in {"rng", "limit", "_probes"}}
    record_property("trial", told | {"seconds": time.monotonic() - began})
