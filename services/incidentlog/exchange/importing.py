"""Importing: events of an export into a log, all of them or none.

The file is read three times: its checksums, then what the write edge and this log say of every event, then to append. Nothing
is appended before the first two have found nothing wrong, and memory grows with the ids of events, not with the file. Of an id
that the log does not have yet, every record is appended as the export has it, in its order: repeated ones, and contents that
compete for one id, as well, for the folds decide between them; so the rows come out the same. An event keeps its recorded
time; one that never had any gets it now, as whatever is published does. Ended on the way, the same call goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import orjson

from incidentlog.client import History, Publisher, PublishError
from incidentlog.client.admission import Admission
from incidentlog.client.connect import broker_at
from incidentlog.client.known import Known, learn
from incidentlog.client.notes import claim_of, names_of
from incidentlog.client.ports import Broker
from incidentlog.client.refusals import IdConflict
from incidentlog.exchange.about import Export, Exported
from incidentlog.exchange.errors import ChangedMeanwhile, Damaged, ImportRefused
from incidentlog.schemas.codec import decode
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import Event, digest, dump
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

#: Hears what is being done, and that so much of it is done.
Heard = Callable[[str, int, int], None]
_TURN = 200
_KEPT = 100
T = TypeVar("T")


@dataclass(slots=True)
class Imported:
    """What became of an export's events: appended (or to be, in a dry run), in the log before; and of its paraphrases."""

    events: int
    appended: int = 0
    known: int = 0
    notes: int = 0


@dataclass(slots=True)
class _Weighed:
    """What an import would come to."""

    new: int = 0
    known: int = 0
    noted: list[str] = field(default_factory=list)
    """The claims with paraphrases, but for those that were redacted here."""
    conflicts: dict[str, list[tuple[Exported, str]]] = field(default_factory=dict)
    """By id, events of another content than the log has under it, with the topic of each."""
    problems: list[str] = field(default_factory=list)
    wrong: int = 0

    def refuse(self, found: Exported, file: str, problem: object) -> None:
        """An event may not be appended."""
        self.wrong += 1
        if len(self.problems) < _KEPT:
            self.problems.append(f"{file}:{found.line}: byte {found.byte}: {problem}")


async def import_events(
    export: Export,
    broker: str | Broker,
    topics: Topics,
    registers: Registers,
    *,
    dry_run: bool = False,
    heard: Heard = lambda _step, _done, _total: None,
) -> Imported:
    """Append the events of an export that the log does not have, with their paraphrases.

    Damaged, NotAnExport, NewerExport or ImportRefused (then nothing was appended) if something is wrong with it.
    """
    about = await asyncio.to_thread(export.check)
    where = broker_at(broker)
    known = await learn(where, topics)
    weighed = await _weigh(export, topics, registers, known, lambda done: heard("Checking", done, about.events))
    if weighed.wrong:
        raise ImportRefused(weighed.problems, weighed.wrong)
    noted = await _without_note(where, topics, weighed.noted)
    if not dry_run:
        try:
            # What is new here is new as a whole: the publisher need not look once more, nor drop what is repeated.
            async with Publisher(where, topics=topics, registers=registers, known=False) as publisher:
                await publisher.publish_all(
                    _new(export, known), progress=lambda now: heard("Appending", now.done, weighed.new)
                )
            await _append_notes(export, where, topics, registers, noted)
        except Damaged as damage:
            raise ChangedMeanwhile(damage) from damage
    return Imported(about.events, weighed.new, weighed.known, len(noted))


async def _weigh(
    export: Export, topics: Topics, registers: Registers, known: Known, heard: Callable[[int], None]
) -> _Weighed:
    """Ask for every event what appending it would come to."""
    weighed, edge, annotated = _Weighed(), Admission(topics, registers, None), Admission(topics, registers, known)
    async for found in _unhurried(export.records(), heard):
        try:
            event = decode(found.event, registers)
            edge.admit(event)
            if found.note is not None and known.redacted.isdisjoint(names_of(event)):
                annotated.check_note(event, found.note)
                weighed.noted.append(claim_of(event))
        except DecodeError as error:
            weighed.refuse(found, export.file, error.detail)
        except PublishError as refusal:
            weighed.refuse(found, export.file, refusal)
        else:
            _compare(weighed, known, found, event, edge.topic(event))
    if weighed.conflicts:
        await _settle(weighed, known, export)
    return weighed


def _compare(weighed: _Weighed, known: Known, found: Exported, event: Event, topic: str) -> None:
    """Whether the log has the event, and says the same."""
    if known.get(event.id) is None:
        weighed.new += 1
    elif _same(known, event.id, found):
        weighed.known += 1
    else:
        weighed.conflicts.setdefault(event.id, []).append((found, topic))


async def _settle(weighed: _Weighed, known: Known, export: Export) -> None:
    """Of contents that compete for one id the log knows one. If that is in the export too, the others came with it."""
    async for found in _unhurried(export.records()):
        name = orjson.loads(found.event)["id"]
        if name in weighed.conflicts and _same(known, name, found):
            weighed.known += len(weighed.conflicts.pop(name))
    for name, contents in weighed.conflicts.items():
        for found, topic in contents:
            weighed.refuse(found, export.file, IdConflict(topic, name))


def _same(known: Known, name: str, found: Exported) -> bool:
    """Whether the log has this content under the event's id: as it stands, or as a publisher would write it."""
    entry = known.get(name)
    return entry is not None and entry.digest in (
        digest(orjson.loads(found.event)["data"]), digest(dump(decode(found.event).data)),
    )  # fmt: skip


async def _new(export: Export, known: Known) -> AsyncIterator[Event]:
    """The events that the log did not have before."""
    async for found in _unhurried(export.records()):
        event = decode(found.event)
        if known.get(event.id) is None:
            yield event


async def _without_note(broker: Broker, topics: Topics, claims: list[str]) -> set[str]:
    """Those of the claims for which the log has no paraphrase: one that it has may be the newer one."""
    if not claims:
        return set()
    async with History(broker, topics=topics) as history:
        return set(claims) - (await history.notes(claims)).keys()


async def _append_notes(
    export: Export, broker: Broker, topics: Topics, registers: Registers, claims: Collection[str]
) -> None:
    """Append the paraphrases of these claims: their events are known by now, so nothing else is appended."""
    current: dict[str, str] = {}

    async def annotated() -> AsyncIterator[Event]:
        async for found in _unhurried(export.records()):
            event = decode(found.event)
            if found.note is not None and claim_of(event) in claims:
                current.clear()
                current[claim_of(event)] = found.note
                yield event

    if claims:
        async with Publisher(broker, topics=topics, registers=registers) as publisher:
            await publisher.publish_all(annotated(), notes=current)


async def _unhurried(items: Iterable[T], heard: Callable[[int], None] = lambda _done: None) -> AsyncIterator[T]:
    """The items, letting others have a turn now and then."""
    for number, item in enumerate(items, 1):
        yield item
        if number % _TURN == 0:
            heard(number)
            await asyncio.sleep(0)
