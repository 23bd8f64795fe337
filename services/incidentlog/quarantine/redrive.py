"""Publishing dead letters again, through the same edge as everything else.

What is published is the event that a letter holds, or the one that somebody mended it into: under its cell's key, on its own
topic and partition, in the newest version. A letter is marked as done once its event is acknowledged. Ended in between,
the same call goes on: an event that the log has already is known there, and only the mark is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from incidentlog.client import Publisher, PublishError
from incidentlog.client.admission import Admission
from incidentlog.client.connect import broker_at
from incidentlog.client.known import learn
from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.client.refusals import BufferFull, NotAcknowledged
from incidentlog.quarantine.letters import Letter
from incidentlog.schemas.codec import decode
from incidentlog.schemas.dead_letters import Redriven, encode_redriven
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

#: Letters that are under way together.
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter: its event was appended, was known, or is refused still, and why. `event` is the event's id;
    `redriven` is None where nothing was done."""

    letter: str
    outcome: Literal["appended", "known", "refused"]
    event: str = ""
    problem: str = ""
    redriven: Redriven | None = None


async def redrive(
    broker: str | Broker,
    topics: Topics,
    registers: Registers,
    letters: Iterable[Letter],
    *,
    edits: Mapping[str, bytes] | None = None,
    dry_run: bool = False,
) -> list[Outcome]:
    """Publish open letters again, those in `edits` (by letter id) with that payload; what became of each, in their order.

    A letter that is done is left alone. In a dry run nothing is appended or marked, and outcomes are what they would be.
    """
    where, changed = broker_at(broker), edits or {}
    pending = [each for each in letters if each.open]
    if dry_run:
        admission = Admission(topics, registers, await learn(where, topics))
        return [_weighed(each, changed.get(each.id), admission, registers) for each in pending]
    done: list[Outcome] = []
    async with Publisher(where, topics=topics, registers=registers) as publisher:
        for first in range(0, len(pending), _TOGETHER):
            some = pending[first : first + _TOGETHER]
            found = await asyncio.gather(
                *(_published(each, changed.get(each.id), publisher, registers) for each in some)
            )
            await _mark(where, topics, found)
            done += found
    return done


async def _published(letter: Letter, edit: bytes | None, publisher: Publisher, registers: Registers) -> Outcome:
    try:
        event = _event(letter, edit, registers)
        receipt = await publisher.publish(event)
    except (BufferFull, NotAcknowledged):
        raise
    except (DecodeError, PublishError) as refusal:
        return Outcome(letter.id, "refused", problem=str(refusal))
    place = receipt.topic, receipt.partition, receipt.offset
    redriven = Redriven(event.id, receipt.outcome, *place, edited=edit is not None)
    return Outcome(letter.id, receipt.outcome, event.id, redriven=redriven)


def _weighed(letter: Letter, edit: bytes | None, admission: Admission, registers: Registers) -> Outcome:
    try:
        event = _event(letter, edit, registers)
        admitted = admission.admit(event)
    except (DecodeError, PublishError) as refusal:
        return Outcome(letter.id, "refused", problem=str(refusal))
    return Outcome(letter.id, "appended" if admitted.value else "known", event.id)


def _event(letter: Letter, edit: bytes | None, registers: Registers) -> Event:
    if edit is not None:
        return decode(edit, registers)
    if letter.value is None:
        raise DecodeError("null_value", "there is nothing to publish; if an event is missing, give it with --edit")
    if letter.cut:
        raise DecodeError("oversized", f"the letter is not whole ({letter.cut}); give a whole event with --edit")
    return decode(letter.value, registers)


async def _mark(broker: Broker, topics: Topics, outcomes: Sequence[Outcome]) -> None:
    """Say of letters that they are done, and wait until that is acknowledged."""
    marks = [(each.letter.encode(), encode_redriven(each.redriven)) for each in outcomes if each.redriven is not None]
    if not marks:
        return
    where = TopicPartition(topics.redriven, 0)
    async with broker.producer() as producer:
        batch = producer.batch()
        for key, value in marks:
            if not batch.append(key, value, ()):
                await (await producer.send(where, batch))
                batch = producer.batch()
                batch.append(key, value, ())
        await (await producer.send(where, batch))
