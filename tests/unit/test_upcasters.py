"""Steps from version to version: in order, each once, never in place; what no step lifts is refused by name."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from incidentlog.schemas import records
from incidentlog.schemas.codec import decode, encode, parse
from incidentlog.schemas.compatibility import breaks, remembered
from incidentlog.schemas.errors import DecodeError, UnknownVersion
from incidentlog.schemas.json_schema import document, documents
from incidentlog.schemas.upcasters import in_corrections, upcast
from support import next_version
from support.examples import GOLDEN
from support.next_version import NAME, NEWEST, STEPS

TWICE: Any = {("T", 1): lambda data: data | {"a": 1}, ("T", 2): lambda data: data | {"b": data["a"] + 1}}


def test_every_step_is_taken_in_order_and_the_input_stays_as_it_was() -> None:
    data = {"x": 0}
    assert upcast("T", 1, data, TWICE, {"T": 3}) == {"x": 0, "a": 1, "b": 2}
    assert upcast("T", 2, {"a": 5}, TWICE, {"T": 3}) == {"a": 5, "b": 6}
    assert upcast("T", 3, data, TWICE, {"T": 3}) is data
    assert data == {"x": 0}


@pytest.mark.parametrize(("version", "steps", "named"), [(4, TWICE, 4), (1, {("T", 2): TWICE["T", 2]}, 1)])
def test_a_version_that_nothing_lifts_is_named(version: int, steps: Any, named: int) -> None:
    with pytest.raises(UnknownVersion) as raised:
        upcast("T", version, {}, steps, {"T": 3})
    assert raised.value.version == named


def test_a_correction_rises_with_the_type_it_corrects_alone() -> None:
    lift = in_corrections("T", TWICE["T", 1])
    other = {"target": {"type": "U"}, "content": {}}
    assert lift(other) is other
    assert lift({"target": {"type": "T"}, "content": {"x": 0}})["content"] == {"x": 0, "a": 1}


@pytest.mark.parametrize("name", sorted(NEWEST))
def test_golden_events_are_read_in_the_next_version_by_everyone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = (GOLDEN / f"{name}.v1.json").read_bytes()
    *_, before = records.read(parse(raw))
    next_version.install(monkeypatch.setitem)
    event = decode(raw)
    *_, after = records.read(parse(raw))
    *_, rewritten = records.read(parse(encode(event)))
    assert after._replace(digest="") == before._replace(digest="")
    assert rewritten == after, "what is read from the old wording is what is read from the new one"
    written = orjson.loads(encode(event))
    assert written["type"].endswith(".v2")
    assert (written["data"].get("content") or written["data"])["as_stated"] == "Vietnamese"
    assert decode(encode(event)) == event


def test_who_knows_the_old_version_alone_names_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        next_version.install(patched.setitem)
        raw = encode(decode((GOLDEN / f"{NAME}.v1.json").read_bytes()))
    with pytest.raises(DecodeError, match="version 2 is newer than this reader; upgrade it"):
        decode(raw)


def test_the_gate_takes_it_as_a_version_of_its_own_only() -> None:
    """The same change within the version takes something back; beside it, with the upcaster, nothing."""
    made = documents()
    released = [remembered(file, each) for file, each in made.items()]
    changed = document(next_version.RescueReported, "urn:incidentlog:schema:RescueReported:1")
    found = breaks(released, made | {f"{NAME}.v1.json": changed})
    assert f"{NAME}.v1.json: as_stated: must be there now, and need not have been before" in found
    assert f"{NAME}.v1.json: population.as_stated: is gone" in found
    beside = {file: each for file, each in made.items() if file != f"{NAME}.v1.json"} | {f"{NAME}.v2.json": changed}
    assert breaks(released, beside, NEWEST, STEPS) == []
