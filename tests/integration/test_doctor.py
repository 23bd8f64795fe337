"""The doctor on real brokers: nothing to say of what is sound, and the right thing of what is not."""

from __future__ import annotations

import dataclasses

import pytest

from incidentlog.doctor import Finding, examine, gather
from incidentlog.schemas.partitioning import partition_of
from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.mortal import Mortal
from support.quarantine import registered
from support.stack import Stack, told_stack

pytestmark = pytest.mark.integration


async def examined(stack: Stack) -> list[Finding]:
    return examine(await gather(stack.bootstrap, stack.topics))


async def test_a_sound_set_up_and_one_that_loses_its_worker(bootstrap: str) -> None:
    stack = await told_stack(bootstrap, generate(300, seed=4))
    async with WorkerProcess(stack.settings()) as worker:
        await worker.ready()
        await stack.settled()
        facts = await gather(stack.bootstrap, stack.topics)
        assert examine(facts) == []
        assert {node.problem for node in facts.nodes} == {""}
        assert len(facts.owners) >= 4 * len(stack.topics.counted)
        wrong = next(each for each in registered(50) if each.home == "RescueReported")
        topic = stack.topics.events(wrong.home)
        place = topic, (partition_of(wrong.key, 4) + 1) % 4
        await stack.append({place: [(wrong.key, wrong.value, [])]})
        await stack.settled()
        found = await examined(stack)
        assert [(each.name, each.where) for each in found] == [
            ("wrong_partitioner", topic), ("dead_letters", stack.topics.dead_letters),
        ]  # fmt: skip
    named = {each.name: each for each in await examined(stack)}
    assert named.keys() == {"wrong_partitioner", "dead_letters", "unowned_partitions"}
    assert named["unowned_partitions"].says == "no worker has any partition"
    assert named["unowned_partitions"].cure == (
        f"python -m incidentlog.worker --bootstrap {bootstrap} --prefix {stack.topics.prefix} --version v1"
    )


async def test_a_version_that_was_never_folded(bootstrap: str) -> None:
    stack = await told_stack(bootstrap, generate(20, seed=4))
    facts = await gather(bootstrap, stack.topics)
    assert [each.name for each in examine(facts)] == ["unowned_partitions"]
    assert sum(facts.waiting.values()) == 20
    later = dataclasses.replace(facts, now=facts.now + 120_000)
    assert [each.name for each in examine(later)] == ["unowned_partitions", "lag"]


async def test_a_broker_that_advertises_what_nobody_reaches(mortal: Mortal) -> None:
    """Its second listener sends clients to an address where nobody listens."""
    address = f"127.0.0.1:{mortal.behind}"
    [found] = examine(await gather(address, (await told_stack(mortal.bootstrap, [])).topics))
    assert (found.name, found.where) == ("advertised_listener", f"broker 1 at 127.0.0.1:{mortal.detour}")
    assert "advertised.listeners" in found.cure


async def test_an_address_where_nobody_listens(mortal: Mortal) -> None:
    [found] = examine(await gather(f"127.0.0.1:{mortal.detour}", (await told_stack(mortal.bootstrap, [])).topics))
    assert found.name == "unreachable"
