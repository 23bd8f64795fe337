"""Targets: events at the edge, records in the worker, and what else is kept on topics."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson

from fuzz.target import Target, Violated, bounded, golden, refusals, same
from incidentlog.schemas import codec, dead_letters, records, versions
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.rows import decode_row, encode_row
from incidentlog.schemas.topics import PROJECTIONS, Topics
from incidentlog.worker.claims import ClaimsFold, Counts
from incidentlog.worker.outbox import Outbox
from incidentlog.worker.rollups import RollupsFold

TOPICS = Topics(partitions=1)
WORDS = (
    b'"recordedtime":"2022-09-25T08:00:00.000000Z"',
    b"org.incidentlog.",
    b"null",
    b'"data":{',
    b"1e400",
    b"\\ud800",
)


def decode_event(data: bytes) -> None:
    """An event, or a DecodeError. What was decoded encodes to what decodes to the same, and the worker reads the same."""
    with refusals():
        codec.decode(data)
    with refusals():
        event = codec.decode(data, builtin())
        raw = codec.encode(event)
        again = codec.decode(raw, builtin())
        same(again, event, "decoded once more")
        same(codec.encode(again), raw, "encoded once more")
        _, cell, statement = records.read(orjson.loads(raw))
        same(cell, event.cell, "the worker's cell")
        same(statement.id, event.id, "the worker's id")


def fold_record(data: bytes) -> None:
    """A record on a topic of events: folded, or refused in words. Anything else would stop a partition.

    The same again changes nothing; what is stored is read back; what goes on to the roll-ups is folded there.
    """
    try:
        home, key = _place(orjson.loads(data))
    except Exception:  # noqa: BLE001 - whatever it is, the reader must judge it
        home, key = TOPICS.events("RescueReported"), b"rescued/VNM/KHM"
    counts = Counts()
    fold = ClaimsFold(TOPICS, 0, 1, counts)
    good = _beside(key)
    for offset, value in enumerate((*good, data, data)):
        fold.fold(home, [_record(home, offset, key, value)])
    outbox = fold.take()
    dead = outbox.get((TOPICS.dead_letters, 0), ())
    for _, letter, told in dead:
        same(letter, data, "a dead letter's value")
        for name, text in told:
            bounded(f"{name}: {text.decode()}")
    same(len(dead), counts.refused, "dead letters")
    kept = outbox.get((TOPICS.statements, 0), ())
    for _, stored, _ in kept:
        same(records.dump(records.load(stored or b"")), stored, "a statement read back")
    if counts.refused not in (0, 2) or len(kept) > len(good) + 1:
        raise Violated(f"refused {counts.refused} of 2 equal records, stored {len(kept)}")
    _roll_up(outbox)


def _roll_up(outbox: Outbox) -> None:
    rollups = RollupsFold(TOPICS, {topic.name: 1 for topic in TOPICS.all()}, 0)
    contributions = outbox.get((TOPICS.contributions, 0), ())
    rollups.fold(
        TOPICS.contributions, [_record("", offset, key, value) for offset, (key, value, _) in enumerate(contributions)]
    )
    rows = [each for (topic, _), each in (outbox | rollups.take()).items() if topic.rsplit(".", 2)[1] in PROJECTIONS]
    for _, row, _ in (each for several in rows for each in several):
        if row is not None:
            decode_row(row)


def _record(topic: str, offset: int, key: bytes | None, value: bytes | None) -> Any:
    return SimpleNamespace(topic=topic, partition=0, offset=offset, key=key, value=value, headers=())


def _place(envelope: dict[str, object]) -> tuple[str, bytes]:
    """Where a producer would put it."""
    name, cell, _ = records.read(envelope)
    if partition_of(str(cell).encode(), 1) != 0:
        raise Violated("there is one partition")
    topic = TOPICS.events(name)
    return (topic if topic in (*TOPICS.counted, *TOPICS.official) else TOPICS.counted[0]), str(cell).encode()


_BESIDE: dict[bytes, list[bytes]] = {}


def _beside(key: bytes) -> list[bytes]:
    """An honest claim of the same cell, if there is one among the seeds: bad ones must bear company."""
    if not _BESIDE:
        for raw in golden():
            if orjson.loads(raw)["type"].startswith("org.incidentlog.RescueReported"):
                event = codec.decode(raw)
                other = Event(event.id, event.source, event.data, "2022-09-26T08:00:00.000000Z")
                _BESIDE[str(event.cell).encode()] = [orjson.dumps(wrap(other))]
    return _BESIDE.get(key, [])


def kept_records(data: bytes) -> None:
    """What our own programs write to topics, read by others: a value, or a DecodeError."""
    for read in (decode_row, versions.decode_kept, versions.decode_live, dead_letters.decode_redriven):
        with refusals():
            read(data)
    headers = [
        (name.decode(errors="replace"), text) for name, _, text in (line.partition(b":") for line in data.split(b"\n"))
    ]
    with refusals(KeyError, ValueError):
        dead_letters.letter_id(dead_letters.origin(headers), data)


def kept_seeds() -> list[bytes]:
    """Honest rows and marks."""
    from support import articles

    kinds = {name: encode_row(row) for (name, _), row in articles.rows(articles.events()).items()}
    return [*kinds.values(), versions.encode_live("v2"), versions.encode_kept(versions.Kept("2022-09-10")),
            b"topic:incidentlog.rescue-reported\npartition:0\noffset:17\nreason:wrong_key"]  # fmt: skip


TARGETS = (
    Target("event", decode_event, golden, WORDS, structured=True),
    Target("record", fold_record, golden, WORDS, structured=True),
    Target("kept", kept_records, kept_seeds, (b'"version"', b'"as_of"', b"partition:"), structured=True),
)
