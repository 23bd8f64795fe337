"""Stock CloudEvents software reads our Kafka records, and we read what it writes."""

from __future__ import annotations

from datetime import datetime

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka, from_structured, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.envelope import CONTENT_TYPE
from incidentlog.schemas.events import EVENT_TYPES, Event
from support.examples import example

TYPES = sorted(EVENT_TYPES)


def record(event: Event) -> KafkaMessage:
    """The event as it stands on its topic."""
    return KafkaMessage({"content-type": CONTENT_TYPE.encode()}, str(event.cell).encode(), encode(event))


@pytest.mark.parametrize("name", TYPES)
def test_the_sdk_reads_our_records(name: str) -> None:
    event = example(name)
    envelope = orjson.loads(encode(event))
    read = from_kafka(record(event), JSONFormat())
    assert read.get_data() == envelope.pop("data")
    assert read.get_attributes() == envelope | {"time": datetime.fromisoformat(envelope["time"])}
    assert read.get_extension("partitionkey") == str(event.cell)


@pytest.mark.parametrize("name", TYPES)
def test_we_read_the_records_of_the_sdk(name: str) -> None:
    event = example(name)
    envelope = orjson.loads(encode(event))
    data = envelope.pop("data")
    message = to_structured(
        CloudEvent(envelope | {"time": datetime.fromisoformat(envelope["time"])}, data), JSONFormat()
    )
    assert decode(message.value) == event
    assert message.key == str(event.cell)


@pytest.mark.parametrize("name", TYPES)
def test_a_record_passed_on_by_the_sdk_is_still_the_same_event(name: str) -> None:
    event = example(name)
    passed_on = to_structured(from_structured(record(event), JSONFormat()), JSONFormat())
    assert decode(passed_on.value) == event


def test_a_time_that_the_sdk_adds_by_itself_changes_nothing() -> None:
    event = example("RescueReported")
    envelope = orjson.loads(encode(event))
    del envelope["time"]
    message = to_structured(CloudEvent(envelope, envelope.pop("data")), JSONFormat())
    assert "time" in orjson.loads(message.value)
    assert decode(message.value) == event
