"""The events behind one claim, read from the log: where they lie, and where in its article the claim was read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson

from incidentlog.client.ports import Broker, Record, TopicPartition
from incidentlog.client.reading import read_all
from incidentlog.gateway.views import EvidenceView
from incidentlog.schemas.partitioning import partition_of

#: What is found in an event: its place in the log, `TOPIC:PARTITION:OFFSET`, and its content.
Found = tuple[str, dict[str, Any]]


async def events_of(broker: Broker, topic: str, cell: str, wanted: Collection[str]) -> dict[str, Found]:
    """The first events with these ids among those of a cell. Reads the cell's partition until all are found."""
    found: dict[str, Found] = {}
    async with broker.reader() as reader:
        counts = await reader.partition_counts([topic])
        where = [TopicPartition(topic, partition_of(cell.encode(), counts[topic]))]
        async for chunk in read_all(reader, where):
            for record in chunk:
                name, event = _event(record, cell)
                if name in wanted and name not in found:
                    found[name] = f"{record.topic}:{record.partition}:{record.offset}", event
            if len(found) == len(wanted):
                break
    return found


def evidence_in(event: dict[str, Any]) -> list[EvidenceView]:
    """Where the claim in an event was read."""
    data = event.get("data", {})
    told = (data.get("content") or data).get("evidence")
    if not told:
        return []
    offsets = told.get("offsets") or [(None, None)]
    return [
        EvidenceView(article=told.get("address"), sha256=told.get("sha256"), start=start, end=end)
        for start, end in offsets
    ]


def _event(record: Record, cell: str) -> tuple[str, dict[str, Any]]:
    if record.key != cell.encode() or record.value is None:
        return "", {}
    try:
        event = orjson.loads(record.value)
        return event["id"], event
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "", {}
