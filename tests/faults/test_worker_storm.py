"""Workers that join and leave all the time: partitions wander, numbers do not."""

from __future__ import annotations

import asyncio
import time

import pytest

from support.crew import Crew
from support.generate import generate
from support.stack import new_stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]

NAMES = "abcdef"
EVERY = 2.0
#: Once nobody joins or leaves any more.
UNOWNED_SECONDS = 15.0


@pytest.mark.parametrize("static", [True, pytest.param(False, marks=pytest.mark.whole)], ids=["static", "dynamic"])
@pytest.mark.fault("P12, F3", "six workers join, leave and die every 2 s", seed=12)
async def test_a_storm_of_rebalances_changes_no_number(
    bootstrap: str, trial: Trial, short_session: float, *, static: bool
) -> None:
    rounds, changes = trial.size((1, 3), (6, 10))
    events = list(generate(rounds * changes * trial.size(500, 3_000), seed=trial.seed, nationalities=20))
    portion = len(events) // (rounds * changes)
    stack = await new_stack(bootstrap)
    crew = Crew(stack, static=static, seconds=trial.within(60), session_timeout=trial.size(short_session, 8.0))
    await crew.join("a")
    for number in range(rounds):
        for step in range(number * changes, (number + 1) * changes):
            await stack.publish(events[step * portion : (step + 1) * portion])
            await asyncio.gather(_change(crew, trial), asyncio.sleep(trial.size(1.0, EVERY)))
            trial.injected()
        async with trial.recovery(stack):
            await crew.supervise()
            began = time.monotonic()
            await crew.settled()
            assert time.monotonic() - began < trial.within(UNOWNED_SECONDS), "a partition had no owner"
    await stack.settled(trial.within(120))
    await crew.end()
    await trial.judge(stack, events)


async def _change(crew: Crew, trial: Trial) -> None:
    """Somebody joins, or somebody leaves; every second one of those without a word."""
    away = sorted(set(NAMES) - crew.workers.keys())
    if away and (not crew.workers or trial.rng.random() < 0.55):
        await crew.start(trial.rng.choice(away))
    elif trial.rng.random() < 0.5:
        await crew.kill(trial.rng.choice(sorted(crew.workers)))
    else:
        await crew.leave(trial.rng.choice(sorted(crew.workers)))


@pytest.mark.whole
@pytest.mark.fault("F10", "a static member is killed and comes back within its session", seed=13)
async def test_a_static_member_comes_back_to_what_it_had(bootstrap: str, trial: Trial) -> None:
    events = list(generate(trial.size(2_000, 20_000), seed=trial.seed, nationalities=10))
    stack = await new_stack(bootstrap)
    crew = Crew(stack, session_timeout=30.0, seconds=trial.within(60))
    await crew.join("a")
    await crew.join("b")
    had = crew.workers["a"].owned[-1]
    for victim in trial.size("a", "ab" * 10):
        other = crew.workers["b" if victim == "a" else "a"]
        undisturbed = len(other.owned)
        await stack.publish(events)
        await crew.kill(victim)
        trial.injected()
        async with trial.recovery(stack):
            await crew.join(victim)
        assert len(other.owned) == undisturbed, "the others were disturbed"
        assert await stack.protocol() == ("consumer", "faust")
    assert crew.workers["a"].owned == [had]
    assert sorted(had + crew.workers["b"].owned[-1]) == [0, 1, 2, 3]
    await stack.settled(trial.within(60))
    await crew.end()
    await trial.judge(stack, events)
