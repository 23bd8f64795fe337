"""The published JSON Schemas: in step with the models, the same under both dialects, no laxer and no stricter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator, Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field

from incidentlog.schemas.codec import decode
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.events import EVENT_TYPES
from incidentlog.schemas.json_schema import UnsharedKeyword, document, text
from support.alterations import altered
from support.dialects import DOCUMENTS, formats, validators
from support.examples import example

PUBLISHED = Path(__file__).parents[2] / "schemas/published"


def test_the_published_files_are_those_of_the_models() -> None:
    due = {name: text(schema) for name, schema in DOCUMENTS.items()}
    there = {file.name: file.read_bytes() for file in PUBLISHED.glob("*.json")}
    parted = sorted(name for name in due if due[name] != there.get(name))
    assert not parted, f"run `uv run python schemas/tools/publish.py`: {parted} part from the models"


@pytest.mark.parametrize("file", sorted(DOCUMENTS))
def test_a_document_is_a_schema_under_both_dialects(file: str) -> None:
    schema = DOCUMENTS[file]
    for dialect in (Draft202012Validator, Draft7Validator):
        dialect.check_schema(schema)
    name, version = file.removesuffix(".json").split(".v")
    assert schema["$id"] == f"urn:incidentlog:schema:{name}:{version}"
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_the_example_of_a_type_is_valid_under_both(name: str) -> None:
    data = orjson.loads(orjson.dumps(wrap(example(name))["data"]))
    for validator in validators(f"{name}.v1.json"):
        validator.validate(data)


@settings(deadline=None)  # validators are made on first use, on a busy machine
@given(altered())
def test_both_dialects_agree_about_any_alteration(case: tuple[str, dict[str, Any]]) -> None:
    name, envelope = case
    newer, older = validators(f"{name}.v1.json")
    assert newer.is_valid(envelope["data"]) == older.is_valid(envelope["data"])


@settings(deadline=None)  # validators are made on first use, on a busy machine
@given(altered())
def test_what_the_schema_refuses_the_log_refuses(case: tuple[str, dict[str, Any]]) -> None:
    name, envelope = case
    if not validators(f"{name}.v1.json")[0].is_valid(envelope["data"]):
        with pytest.raises(DecodeError):
            decode(orjson.dumps(envelope))


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("edtf", "../2022-09-21", "/2022-09-21"),
        ("iso3166-1-alpha3x", "QMF", "QMZ"),
        ("iso3166-2", "KH-12", "KH-99"),
    ],
)
def test_formats_of_our_own_can_be_checked(name: str, good: str, bad: str) -> None:
    assert formats().conforms(good, name)
    assert not formats().conforms(bad, name)
    assert formats().conforms(12, name), "a format speaks of texts only"


class _Toy(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Inner(_Toy):
    n: int


class _Nested(_Toy):
    inner: Annotated[_Inner, Field(description="beside a reference")]
    pair: tuple[int, int]


class _Recursive(_Toy):
    next: _Recursive | None = None


class _Open(BaseModel):
    n: int


class _Unlike(_Toy):
    pair: tuple[int, str]


class _Union(_Toy):
    either: Annotated[_Inner | int, Field(json_schema_extra={"unevaluatedProperties": False})]


def test_nothing_stands_beside_a_reference_and_tuples_become_arrays() -> None:
    schema = document(_Nested, "urn:x")
    assert schema["properties"]["inner"] == {
        "description": "beside a reference",
        "allOf": [{"$ref": "#/definitions/_Inner"}],
    }
    assert schema["properties"]["pair"]["items"] == {"type": "integer"}
    for dialect in (Draft202012Validator, Draft7Validator):
        dialect.check_schema(schema)
        assert dialect(schema).is_valid({"inner": {"n": 1}, "pair": [1, 2]})
        assert not dialect(schema).is_valid({"inner": {"n": "1"}, "pair": [1, 2]})
        assert not dialect(schema).is_valid({"inner": {"n": 1}, "pair": [1, 2, 3]})


def test_a_recursive_model_holds_under_both() -> None:
    schema = document(_Recursive, "urn:x")
    for dialect in (Draft202012Validator, Draft7Validator):
        assert dialect(schema).is_valid({"next": {"next": None}})
        assert not dialect(schema).is_valid({"next": {"next": 1}})


@pytest.mark.parametrize(("model", "problem"), [(_Open, "open"), (_Unlike, "unlike"), (_Union, "do not share")])
def test_a_model_the_dialects_would_read_differently_is_refused(model: type[BaseModel], problem: str) -> None:
    with pytest.raises(UnsharedKeyword, match=problem):
        document(model, "urn:x")
