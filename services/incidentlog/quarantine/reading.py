"""Reading the dead letters, and what became of them."""

from __future__ import annotations

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker, Reader
from incidentlog.client.reading import partitions_of, read_all
from incidentlog.quarantine.letters import Letter, Wanted, distinct, letter
from incidentlog.schemas.dead_letters import Redriven, decode_redriven
from incidentlog.schemas.topics import Topics

EVERY = Wanted(done=True)


async def letters(broker: str | Broker, topics: Topics, wanted: Wanted = EVERY) -> list[Letter]:
    """The letters that are wanted, oldest first; TopicMissing if the installation has no topic for them."""
    async with broker_at(broker).reader() as reader:
        done = await _marks(reader, topics)
        found: list[Letter] = []
        async for chunk in read_all(reader, await partitions_of(reader, [topics.dead_letters])):
            found += [each for record in chunk if (each := letter(record, done)) is not None and each in wanted]
    return distinct(found)


async def _marks(reader: Reader, topics: Topics) -> dict[str, Redriven]:
    found: dict[str, Redriven] = {}
    async for chunk in read_all(reader, await partitions_of(reader, [topics.redriven])):
        for record in chunk:
            name = (record.key or b"").decode(errors="replace")
            if record.value is None:
                found.pop(name, None)
            else:
                found[name] = decode_redriven(record.value)
    return found
