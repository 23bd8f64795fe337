"""The broker in memory: what only it can do, and the example it is introduced with."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types

from hypothesis import given
from hypothesis import strategies as st

from incidentlog import client
from incidentlog.client import MemoryBroker, Subscriber, memory
from incidentlog.client.ports import TopicPartition
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from support.publishing import article, rescue

ESTIMATES = Topics().rows("estimates")
Write = tuple[str, bytes | None]
writes = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([b'{"best": 1}', b'{"best": 2}', None])), max_size=20
)


async def snapshot(broker: MemoryBroker) -> dict[str, client.Row]:
    """The rows a subscriber sees."""
    async with Subscriber(broker, "estimates") as subscriber:
        return await subscriber.snapshot()


@given(writes)
async def test_compaction_keeps_the_newest_of_each_key_where_it_was(log: list[Write]) -> None:
    broker = MemoryBroker(Topics())
    for key, value in log:
        broker.put(ESTIMATES, key, value)
    before, newest = await snapshot(broker), {record.key: record for record in broker.records(ESTIMATES)}
    ends = [broker.log(TopicPartition(ESTIMATES, number)).end for number in range(4)]
    broker.compact(ESTIMATES)
    assert await snapshot(broker) == before
    assert {record.key: record for record in broker.records(ESTIMATES)} == newest
    assert len(broker.records(ESTIMATES)) == len(newest)
    assert [broker.log(TopicPartition(ESTIMATES, number)).end for number in range(4)] == ends


def test_put_finds_the_keys_partition() -> None:
    broker = MemoryBroker(Topics())
    record = broker.put(ESTIMATES, "rescued/VNM/KHM", b"{}")
    assert (record.partition, record.offset) == (partition_of(b"rescued/VNM/KHM", 4), 0)


async def test_the_example_in_its_documentation_runs() -> None:
    example = textwrap.dedent(
        "\n".join(line for line in (memory.__doc__ or "").splitlines() if line.startswith("    "))
    )
    names = {**vars(client), "Topics": Topics, "event": rescue(article())}
    code = compile(example, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = types.FunctionType(code, names)()
    assert inspect.iscoroutine(running)
    await running
    assert names["receipt"].outcome == "appended"
    assert names["rows"] == {"VNM": {"low": 10, "best": 10, "high": 10}}
