"""What fuzzing found, each as the input it was: bytes of strangers are folded or refused in words, and stop nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from incidentlog.client.known import Known
from incidentlog.client.known import _take_event as heard
from incidentlog.gateway import incoming, webhooks
from incidentlog.schemas import codec, records
from incidentlog.schemas.codec import decode, decode_object
from incidentlog.schemas.errors import DecodeError, IncidentlogError, InvalidValue
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.rows import decode_row
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused
from incidentlog.worker.reading import Reader
from support.examples import example

TOPICS = Topics(partitions=1)
LONG = "x" * 50_000
DEEP = b"[" * 300 + b"]" * 300
Change = Callable[[dict[str, Any]], object]


def envelope(event_type: str, change: Change) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(codec.encode(example(event_type)))
    change(found)
    return found


def judged(event_type: str, change: Change) -> str:
    """What the worker says of an event that was altered: the reason of its dead letter."""
    altered = envelope(event_type, change)
    key = str(example(event_type).cell).encode()
    record = SimpleNamespace(key=key, value=orjson.dumps(altered))
    with pytest.raises(Refused) as refused:
        Reader(TOPICS, 0, 1).read(TOPICS.events(example(event_type).home), record)
    return refused.value.reason


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e.update(recordedtime=5),
        lambda e: e.update(recordedtime="2022-99-99T99:99:99.000000Z"),
        lambda e: e["data"]["quantity"].update(low=1.5, best=1.5),
        lambda e: e["data"]["quantity"].update(low=True, best=None),
        lambda e: e["data"]["quantity"].update(low=1, best=1, high=1 << 63),
        lambda e: e["data"]["authority"].update(id=["VN-MOFA"]),
        lambda e: e["data"].update(kind="forecast"),
        lambda e: e["data"].update(embargo_until={}),
        lambda e: e["data"].update(related=[7]),
        lambda e: e["data"]["place"].update(subdivision="VN-44"),
        lambda e: e["data"].update(statement_key=None),
    ],
)
def test_a_claim_that_no_fold_bears_is_a_dead_letter(change: Change) -> None:
    assert judged("RescueReported", change) == "invalid_event"


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["data"].update(window=5),
        lambda e: e["data"]["window"].pop("start"),
        lambda e: e["data"]["authority"].pop("id"),
        lambda e: e["data"].update(places=[{"country": "KHM"}, "VNM"]),
        lambda e: e["data"].update(published="2022"),
    ],
)
def test_an_action_of_another_shape_is_a_dead_letter(change: Change) -> None:
    assert judged("MeetingHeld", change) == "invalid_event"


def test_a_cell_whose_parts_hold_slashes_is_a_dead_letter() -> None:
    altered = envelope("RescueReported", lambda e: e["data"]["population"].update(nationality="VNM/VNM"))
    record = SimpleNamespace(key=b"rescued/VNM/VNM/KHM", value=orjson.dumps(altered))
    with pytest.raises(Refused, match="nationality"):
        Reader(TOPICS, 0, 1).read(TOPICS.events("RescueReported"), record)


@pytest.mark.parametrize("event_type", ["RescueReported", "MeetingHeld"])
def test_null_says_what_leaving_out_says(event_type: str) -> None:
    def silent(e: dict[str, Any]) -> None:
        for name in ("relayed_by", "part_of", "related", "embargo_until", "grade", "prior_unknown"):
            e["data"].pop(name, None)

    def nulls(e: dict[str, Any]) -> None:
        silent(e)
        e["data"].update(relayed_by=None, embargo_until=None, twin_of=None, replaces=None)
        if "place" in e["data"]:
            e["data"].update(part_of=None)

    _, _, plain = records.read(envelope(event_type, silent))
    _, _, null = records.read(envelope(event_type, nulls))
    decode_object(envelope(event_type, nulls))
    assert null.content == plain.content
    if null.content is not None:
        assert null.told == plain.told


def test_publishers_do_not_know_what_workers_refuse() -> None:
    known = Known()
    altered = envelope("ClaimRedacted", lambda e: e["data"].update(reason="because"))
    topic, key = TOPICS.events("RescueReported"), altered["partitionkey"].encode()
    record: Any = SimpleNamespace(topic=topic, partition=0, offset=0, key=key, value=orjson.dumps(altered))
    with pytest.raises(DecodeError):
        heard(known, record, TOPICS, 1)
    assert not known.redacted


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e.update({LONG: 1}),
        lambda e: e.update(type=LONG),
        lambda e: e.update(type=f"org.incidentlog.A{LONG}.v1"),
        lambda e: e.update(source=LONG),
        lambda e: e["data"]["population"].update(nationality=LONG),
        lambda e: e["data"]["published"].update(edtf=LONG),
        lambda e: e["data"]["published"].update(edtf=f"{LONG}/2022"),
        lambda e: e["data"]["place"].update(subdivision=LONG),
        lambda e: e["data"].update(occasion=LONG),
        lambda e: e["data"].update({f"field{n}": 1 for n in range(3_000)}),
        lambda e: e["data"].update({LONG: 1}),
    ],
)
def test_a_refusal_quotes_little(change: Change) -> None:
    with pytest.raises(DecodeError) as refusal:
        decode_object(envelope("RescueReported", change), builtin())
    assert len(str(refusal.value)) < 2_500
    assert LONG not in (refusal.value.event_type or "")


def test_a_target_of_a_long_type_is_quoted_little() -> None:
    with pytest.raises(DecodeError) as refusal:
        decode_object(envelope("ClaimGraded", lambda e: e["data"]["target"].update(type=LONG)))
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize("text", ["0001-41-01", "[" * 1_100, "webhooks: !!float x", "? {a: 1}\n: 2", "!!timestamp []"])
def test_a_file_that_is_no_list_of_webhooks_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "hooks.yaml"
    file.write_text(text)
    with pytest.raises(webhooks.BadWebhooks):
        webhooks.load(str(file), {})


@pytest.mark.parametrize("more", [{LONG: 1}, {"demonyms": {LONG: "VNM1"}}, {"authorities": [{"id": LONG}]}, [], 5, "x"])
def test_a_refused_register_is_quoted_little(more: Any) -> None:
    with pytest.raises(InvalidValue) as refusal:
        builtin().extended(more)
    assert len(str(refusal.value)) < 500


def test_a_row_that_is_none_is_quoted_little() -> None:
    with pytest.raises(DecodeError) as refusal:
        decode_row(orjson.dumps({"projection": "estimates", "key": [LONG] * 3, "flags": [LONG] * 200}))
    assert len(str(refusal.value)) < 2_500


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([("content-type", incoming.BATCH)], b"[" + DEEP + b"]"),
        ([("content-type", incoming.BATCH)], b'[{"specversion":"1.0","data":' + DEEP + b"}]"),
        ([("content-type", incoming.JSON), ("ce-specversion", "1.0"), ("ce-id", "1")], DEEP),
        ([("content-type", incoming.JSON), ("ce-specversion", "1.0"), ("ce-id", "\udc80")], b"{}"),
    ],
)
def test_a_body_that_lies_deep_is_refused(headers: list[tuple[str, str]], body: bytes) -> None:
    try:
        [read] = incoming.read(headers, body, builtin()).reads
    except IncidentlogError as refused:
        assert len(str(refused)) < 500  # noqa: PT017 - either is right
    else:
        assert read.event is None


def test_an_event_is_read_as_before() -> None:
    raw = codec.encode(example("RescueReported"))
    assert decode(raw) == decode_object(orjson.loads(raw))
