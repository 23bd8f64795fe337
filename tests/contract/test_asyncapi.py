"""The AsyncAPI document says what the models, the topics and the programs say. Its syntax is for `check_asyncapi.sh`."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from incidentlog.client import MemoryBroker, Publisher, Subscriber
from incidentlog.client.memory import MemoryReader
from incidentlog.schemas.asyncapi import asyncapi
from incidentlog.schemas.codec import ATTRIBUTES, decode
from incidentlog.schemas.components import Components, TwoMeanings
from incidentlog.schemas.dead_letters import HEADERS, REASONS, Origin
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import EVENT_TYPES
from incidentlog.schemas.json_schema import text
from incidentlog.schemas.record_schemas import record_documents
from incidentlog.schemas.roles import roles
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused, dead_letter
from support.alterations import altered
from support.articles import events
from support.dialects import DOCUMENTS, formats
from support.examples import GOLDEN
from support.generate import generate
from support.poison import poisons

FILE = Path(__file__).parents[2] / "schemas/published/asyncapi.json"
DOCUMENT = asyncapi(DOCUMENTS | record_documents())
TOPICS = Topics()
ROLES = {role.name: role for role in roles(TOPICS)}
DIALECTS = (Draft202012Validator, Draft7Validator)


def at(reference: str) -> Any:
    """What a reference in the document points at."""
    found: Any = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    return found


def validators(payload: dict[str, Any]) -> list[Any]:
    """A payload's schema under both dialects, references into the document resolved."""
    whole = {**payload, "components": DOCUMENT["components"]}
    return [dialect(whole, format_checker=formats()) for dialect in DIALECTS]


EVENTS = {name: validators(at(f"#/components/messages/{name}.v1/payload")) for name in EVENT_TYPES}


def test_the_published_document_is_that_of_the_models() -> None:
    assert FILE.read_bytes() == text(DOCUMENT), "run `uv run python schemas/tools/publish.py`"


def test_every_topic_is_a_channel_with_its_partitions_and_settings() -> None:
    found = {}
    for channel in DOCUMENT["channels"].values():
        version = channel.get("parameters", {}).get("version", {}).get("default", "")
        binding = channel["bindings"]["kafka"]
        found[channel["address"].replace("{version}", version)] = binding["partitions"], binding["topicConfiguration"]
    assert found.keys() == {topic.name for topic in TOPICS.all()}
    for topic in TOPICS.all():
        partitions, settings = found[topic.name]
        said = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in settings.items()}
        assert (partitions, said) == (topic.partitions, topic.settings)


def test_an_event_topic_carries_its_type_and_what_is_said_about_it() -> None:
    about = {f"Claim{what}.v1" for what in ("Corrected", "Retracted", "Graded", "Redacted")}
    for name in EVENT_TYPES.keys() - {each.removesuffix(".v1") for each in about}:
        channel = DOCUMENT["channels"][TOPICS.events(name).removeprefix("incidentlog.")]
        assert channel["messages"].keys() == {f"{name}.v1", *about}


def test_every_role_has_its_operations_and_every_topic_someone_who_sends_and_receives() -> None:
    told = {(name.split(".")[0], each["action"], at(each["channel"]["$ref"])["address"].replace("{version}", "v1"))
            for name, each in DOCUMENT["operations"].items()}  # fmt: skip
    assert told == {(role.name, "receive", topic) for role in ROLES.values() for topic in role.reads} | {
        (role.name, "send", topic) for role in ROLES.values() for topic in role.writes
    }
    names = {topic.name for topic in TOPICS.all()}
    assert {topic for _, action, topic in told if action == "send"} == names
    assert {topic for _, action, topic in told if action == "receive"} == names


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.stem)
def test_every_event_ever_written_is_valid_as_a_whole(file: Path) -> None:
    for validator in EVENTS[file.name.split(".")[0]]:
        validator.check_schema(validator.schema)
        validator.validate(orjson.loads(file.read_bytes()))


@settings(deadline=None)  # validators are made on first use, on a busy machine
@given(altered(), st.sampled_from([None, *sorted(ATTRIBUTES), "moon"]), st.sampled_from([None, 7, "", "x", {"a": 1}]))
def test_what_the_envelopes_schema_refuses_the_log_refuses(
    case: tuple[str, dict[str, Any]], attribute: str | None, value: Any
) -> None:
    name, envelope = case
    envelope = envelope if attribute is None else envelope | {attribute: value}
    newer, older = (validator.is_valid(envelope) for validator in EVENTS[name])
    assert newer == older
    if not newer:
        with pytest.raises(DecodeError):
            decode(orjson.dumps(envelope))


def test_keys_look_as_they_are_said_to() -> None:
    binding = at("#/components/messages/RescueReported.v1/bindings/kafka/key")
    [validator, _] = validators(binding)
    for event in events():
        validator.validate(str(event.cell))
    assert not validator.is_valid("rescued/VNM")


def test_dead_letters_have_the_headers_that_are_said() -> None:
    schema = at("#/components/messages/dead-letter/headers")
    good = next(
        each
        for each in generate(50, seed=2)
        if b"causationid" not in each.value and TOPICS.events(each.home) in TOPICS.counted
    )
    bad = poisons(good, TOPICS)
    assert {each.reason for each in bad} == set(REASONS)
    for number, each in enumerate(bad):
        record = type("Record", (), {"key": each.key, "value": each.value, "headers": []})
        why = Refused(each.reason, "so", each.event_type)
        _, _, headers = dead_letter(record, Origin(each.topic, each.partition, number), why, "estimates")
        said = {name: value.decode() for name, value in headers}
        assert said.keys() == HEADERS.keys() - {"cut"}
        for validator in validators(schema):
            validator.validate(said)


async def test_publishers_and_subscribers_touch_no_other_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    broker, read = MemoryBroker(TOPICS), set[str]()
    assign = MemoryReader.assign

    def spy(self: MemoryReader, positions: Any) -> None:
        read.update(each.topic for each in positions)
        assign(self, positions)

    monkeypatch.setattr(MemoryReader, "assign", spy)
    before = ends(broker)
    async with Publisher(broker) as publisher:
        await publisher.publish_all(events(), notes={events()[0].id: "A ministry said so."})
    async with Publisher(broker) as publisher:  # now there is something to know
        assert (await publisher.publish(events()[0])).outcome == "known"
    written = {topic for topic, end in ends(broker).items() if end > before[topic]}
    assert TOPICS.events("RescueReported") in written
    assert written <= set(ROLES["producer"].writes)
    assert read
    assert read <= set(ROLES["producer"].reads)
    read.clear()
    broker.put(TOPICS.rows("rescued-by-nationality"), "VNM", b"{}")
    async with Subscriber(broker, "rescued-by-nationality") as subscriber:
        await subscriber.snapshot()
    assert read >= {TOPICS.rows("rescued-by-nationality")}
    assert read <= set(ROLES["subscriber"].reads)


def ends(broker: MemoryBroker) -> dict[str, int]:
    return {topic.name: len(broker.records(topic.name)) for topic in TOPICS.all()}


def test_one_name_has_one_meaning() -> None:
    components = Components()
    components.add("thing", {"type": "string"})
    components.add("thing", {"type": "string"})
    with pytest.raises(TwoMeanings, match="thing names two schemas that differ"):
        components.add("thing", {"type": "integer"})


def test_no_reference_points_nowhere() -> None:
    for reference in references(DOCUMENT):
        assert at(reference) is not None


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return list(itertools.chain.from_iterable(map(references, value)))
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [each for inner in value.values() for each in references(inner)]
