"""Reading the dead letters, and what became of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker, Reader, Record
from incidentlog.client.reading import partitions_of, read_to_end
from incidentlog.quarantine.letters import Letter, Wanted, distinct, letter
from incidentlog.schemas.dead_letters import Redriven, decode_redriven
from incidentlog.schemas.topics import Topics

EVERY = Wanted(done=True)


async def letters(broker: str | Broker, topics: Topics, wanted: Wanted = EVERY) -> list[Letter]:
    """The letters that are wanted, oldest first; TopicMissing if the installation has no topic for them."""
    async with broker_at(broker).reader() as reader:
        done = await _marks(reader, topics)
        found: list[Letter] = []
        async for chunk in _all(reader, topics.dead_letters):
            found += [each for record in chunk if (each := letter(record, done)) is not None and each in wanted]
    return distinct(found)


async def _marks(reader: Reader, topics: Topics) -> dict[str, Redriven]:
    found: dict[str, Redriven] = {}
    async for chunk in _all(reader, topics.redriven):
        for record in chunk:
            name = (record.key or b"").decode(errors="replace")
            if record.value is None:
                found.pop(name, None)
            else:
                found[name] = decode_redriven(record.value)
    return found


async def _all(reader: Reader, topic: str) -> AsyncIterator[Sequence[Record]]:
    partitions = await partitions_of(reader, [topic])
    starts, ends = await reader.start_offsets(partitions), await reader.end_offsets(partitions)
    async for chunk in read_to_end(reader, starts, ends):
        yield chunk
