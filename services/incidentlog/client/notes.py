"""Paraphrases: on a topic of their own, keyed by claim id, so that a redaction can erase them for good."""

from __future__ import annotations

import orjson

from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.client.reading import read_all
from incidentlog.schemas import records
from incidentlog.schemas.about import AboutClaims, ClaimRedacted, Target
from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.statements import BY_KEY
from incidentlog.schemas.topics import Topics


def encode_note(note: str) -> bytes:
    """Value on the notes topic."""
    return orjson.dumps({"note": note})


def claim_of(event: Event) -> str:
    """The id of the claim whose text the event's note paraphrases: a correction's is its target."""
    target = event.data.target.id if isinstance(event.data, AboutClaims) else None
    return target or event.id


def names_of(event: Event) -> set[str]:
    """What a redaction may call the claim: its id, and its statement key."""
    content = getattr(event.data, "content", event.data)
    key = getattr(content, "statement_key", None)
    return {claim_of(event), f"{BY_KEY}{key}"}


async def erased_by(broker: Broker, topics: Topics, redaction: ClaimRedacted) -> list[str]:
    """The claims whose notes a redaction erases: its target, or all wordings of the statement it names."""
    if redaction.target.id is not None:
        return [redaction.target.id]
    return await _wordings(broker, topics, redaction.target)


async def _wordings(broker: Broker, topics: Topics, target: Target) -> list[str]:
    """Every claim of the statement, from the events themselves: the worker may not have seen the newest."""
    topic, key = topics.events(target.type), target.cell.encode()
    async with broker.reader() as reader:
        counts = await reader.partition_counts([topic])
        where = [TopicPartition(topic, partition_of(key, counts[topic]))]
        found: list[str] = []
        async for chunk in read_all(reader, where):
            found += [claim for record in chunk if record.key == key and (claim := _worded(record.value, target))]
    return list(dict.fromkeys(found))


def _worded(value: bytes | None, target: Target) -> str | None:
    """The id of the claim in a record, if it words the target's statement."""
    try:
        statement = records.read(orjson.loads(value or b""))[2]
    except (IncidentlogError, ValueError, KeyError, TypeError, AttributeError):
        return None
    content = statement.content
    if content is None or content.statement_key != target.statement_key:
        return None
    return statement.target or statement.id
