"""A log exported from one installation and imported into another, on a real broker, folded by a real worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from incidentlog.client import History
from incidentlog.exchange.exporting import export_events, starts_after
from incidentlog.exchange.formats import opened
from incidentlog.exchange.importing import Imported, import_events
from incidentlog.worker import WorkerProcess
from support.generate import generate
from support.load import registers_of_load
from support.stack import Stack, expected, new_stack

pytestmark = pytest.mark.integration


async def imported(file: Path, stack: Stack) -> Imported:
    """Append an export."""
    with opened(file) as export:
        return await import_events(export, stack.bootstrap, stack.topics, registers_of_load())


async def told(stack: Stack) -> dict[tuple[str, int], list[Any]]:
    """The events of every partition, in their order, and when they were recorded."""
    found: dict[tuple[str, int], list[Any]] = {}
    for record in await stack.read(*stack.topics.counted, *stack.topics.official):
        place = stack.topics.event_type(record.topic), record.partition
        event = orjson.loads(record.value)
        found.setdefault(place, []).append((record.key, event["id"], event["recordedtime"]))
    return found


async def test_an_import_into_an_empty_cluster_gives_the_same_rows(bootstrap: str, tmp_path: Path) -> None:
    stack, second, third = [await new_stack(bootstrap) for _ in range(3)]
    events = list(generate(1_500, seed=23))
    await stack.publish([*events, *events[::9]])  # some twice, as after a producer that was not sure
    lines, parquet = tmp_path / "history.jsonl", tmp_path / "history.parquet"
    written = await export_events(bootstrap, stack.topics, lines)
    assert written.rows == len(events) + len(events[::9])
    await export_events(bootstrap, stack.topics, parquet)
    assert await imported(lines, second) == Imported(written.rows, written.rows, 0)
    assert await imported(parquet, third) == Imported(written.rows, written.rows, 0)
    assert await told(second) == await told(third) == await told(stack)
    async with WorkerProcess(second.settings()) as worker:
        await worker.ready()
        await second.settled()
        assert await second.rows() == expected(await stack.log())
        ends = await second.ends()
        for file in (lines, parquet):
            assert await imported(file, second) == Imported(written.rows, 0, written.rows)
        assert await second.ends() == ends


async def test_an_export_says_where_to_go_on(bootstrap: str, tmp_path: Path) -> None:
    stack, events = await new_stack(bootstrap), list(generate(400, seed=24))
    await stack.publish(events[:300])
    await export_events(bootstrap, stack.topics, tmp_path / "history.jsonl")
    await stack.publish(events[300:])
    with opened(tmp_path / "history.jsonl") as export:
        about, before = export.check(), [each.event for each in export.records()]
    async with History(bootstrap, topics=stack.topics) as history:
        after = [record.value async for record in history.records(start=starts_after(about))]
    assert sorted(before) == sorted(event.value for event in events[:300])
    assert sorted(filter(None, after)) == sorted(event.value for event in events[300:])
