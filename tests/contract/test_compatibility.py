"""The gate: what was ever published is never taken back. Every kind of breaking change is planted everywhere, and found."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from incidentlog.schemas.compatibility import Release, breaks, decode_releases, remembered
from incidentlog.schemas.envelope import VERSIONS
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.json_schema import text
from incidentlog.schemas.record_schemas import READ_BY_OTHERS, record_documents
from incidentlog.schemas.upcasters import UPCASTERS
from support.alterations import altered
from support.dialects import DOCUMENTS, formats
from support.schema_changes import ADDING, BREAKING, changes
from support.tools import tool

PUBLISHED = Path(__file__).parents[2] / "schemas/published"
ALL = DOCUMENTS | record_documents()
#: One of each kind of document; the others are made from the same parts.
KINDS = ("RescueReported", "MeetingHeld", "ClaimCorrected", "ClaimGraded", "statement", "cell-contribution")
#: What cannot be done to a kind of document: it has no such thing.
NOWHERE = {
    ("an old field required", "cell-contribution"), ("an enum narrowed", "cell-contribution"), ("another default", "statement"),
    ("a number capped", "ClaimGraded"), ("a number raised", "ClaimGraded"), ("a list shortened", "ClaimGraded"),
    ("a list lengthened", "ClaimGraded"),
}  # fmt: skip


def released() -> list[Release]:
    return decode_releases((PUBLISHED / "released.jsonl").read_bytes())


def test_the_models_take_nothing_back_of_any_schema_ever_published() -> None:
    assert breaks(released(), ALL) == []


def test_every_published_file_is_remembered_and_every_memory_has_its_file() -> None:
    newest = {each.file: each for each in released()}
    files = {file.name: remembered(file.name, orjson.loads(file.read_bytes())) for file in PUBLISHED.glob("*.v*.json")}
    assert newest == files


def test_every_older_version_of_a_type_has_an_upcaster() -> None:
    assert {(name, step) for name, newest in VERSIONS.items() for step in range(1, newest)} == UPCASTERS.keys()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("what", BREAKING)
def test_a_breaking_change_is_found_wherever_it_is_planted(name: str, what: str) -> None:
    file = f"{name}.v1.json"
    planted = list(changes(ALL[file], {what: BREAKING[what]}))
    passed = [each.where for each in planted if not breaks([Release(file, ALL[file])], {file: each.document})]
    assert passed == [], f"{what} passes the gate"
    assert (not planted) == ((what, name) in NOWHERE)


@pytest.mark.parametrize("name", KINDS)
def test_what_only_adds_passes(name: str) -> None:
    file = f"{name}.v1.json"
    refused = [
        (each.what, each.where, found)
        for each in changes(ALL[file], ADDING)
        if (found := breaks([Release(file, ALL[file])], {file: each.document}))
    ]
    assert refused == []


@pytest.mark.parametrize("name", READ_BY_OTHERS)
def test_rows_go_the_other_way(name: str) -> None:
    """A reader made for what was published reads what is written now: fields may come, none may go or say more."""
    file = f"{name}.v1.json"
    gate = [Release(file, ALL[file])]
    adding = list(changes(ALL[file], {"a new field": ADDING["a new field"]}))
    assert adding
    assert [each.where for each in adding if breaks(gate, {file: each.document})] == []
    taking = {"a field removed": BREAKING["a field removed"], "a field optional": ADDING["a field optional"],
              "one more alternative": ADDING["one more alternative"], "another type": BREAKING["another type"]}  # fmt: skip
    planted = list(changes(ALL[file], taking))
    assert planted
    assert [(each.what, each.where) for each in planted if not breaks(gate, {file: each.document})] == []


@cache
def any_change(name: str) -> list[dict[str, Any]]:
    """A document with each change there is."""
    return [each.document for each in changes(ALL[f"{name}.v1.json"], BREAKING | ADDING)]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_passes_refuses_no_event_that_was_taken_before(data: st.DataObject) -> None:
    name, envelope = data.draw(altered(st.sampled_from(["ClaimGraded", "MeetingHeld", "RescueReported"])))
    changed = data.draw(st.sampled_from(any_change(name)))
    before, now = (
        Draft202012Validator(each, format_checker=formats()) for each in (DOCUMENTS[f"{name}.v1.json"], changed)
    )
    if before.is_valid(envelope["data"]) and not now.is_valid(envelope["data"]):
        assert breaks([Release(f"{name}.v1.json", DOCUMENTS[f"{name}.v1.json"])], {f"{name}.v1.json": changed})


def test_a_type_that_is_gone_and_a_version_that_nothing_lifts() -> None:
    file = "RescueReported.v1.json"
    gate = [Release(file, ALL[file])]
    assert breaks(gate, {}) == [f"{file}: is gone"]
    [problem] = breaks(gate, {"RescueReported.v2.json": {}}, {"RescueReported": 2}, {})
    assert problem == f"{file}: events of this version are stored, and no upcaster lifts them"
    assert breaks(gate, {"RescueReported.v2.json": {}}, {"RescueReported": 2}, {("RescueReported", 1): dict}) == []


def test_a_memory_that_names_no_document() -> None:
    with pytest.raises(DecodeError, match=r"'RescueReported.json' is not a file name such as"):
        breaks([Release("RescueReported.json", {})], {})


def test_the_tool_refuses_to_publish_what_takes_something_back(tmp_path: Path) -> None:
    publish = tool("publish").publish
    assert publish(tmp_path) == [*ALL, "asyncapi.json"]
    assert publish(tmp_path) == []
    memory = tmp_path / "released.jsonl"
    lines = memory.read_bytes().splitlines(keepends=True)
    once = orjson.loads(lines[0])
    once["schema"]["properties"]["withdrawn_field"] = {"type": "string"}
    memory.write_bytes(b"".join([orjson.dumps(once) + b"\n", *lines]))
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(Exception, match=r"withdrawn_field: is gone\n.*make it a new version of the type") as raised:
        publish(tmp_path)
    assert type(raised.value).__name__ == "Incompatible"
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_an_addition_is_remembered_beside_what_was_there(tmp_path: Path) -> None:
    publish = tool("publish").publish
    publish(tmp_path)
    memory = tmp_path / "released.jsonl"
    first, *others = memory.read_bytes().splitlines(keepends=True)
    earlier: dict[str, Any] = orjson.loads(first)
    file = earlier["file"]
    optional = next(name for name in ("relayed_by", "by") if name in earlier["schema"]["properties"])
    del earlier["schema"]["properties"][optional]
    memory.write_bytes(b"".join([orjson.dumps(earlier) + b"\n", *others]))
    publish(tmp_path)
    assert [each.file for each in decode_releases(memory.read_bytes())].count(file) == 2
    assert (tmp_path / file).read_bytes() == text(copy.deepcopy(ALL[file]))
