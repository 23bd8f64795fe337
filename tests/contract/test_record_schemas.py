"""The published schemas of rows and records: what the folds make is valid under both dialects, and nothing less would do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from incidentlog.projections.lane import Lane
from incidentlog.projections.project import project
from incidentlog.schemas import records
from incidentlog.schemas.contributions import BlockContribution, encode_contribution
from incidentlog.schemas.dead_letters import Redriven, encode_redriven
from incidentlog.schemas.json_schema import text
from incidentlog.schemas.record_schemas import record_documents
from incidentlog.schemas.rows import ActionRow, EstimateRow, encode_row
from incidentlog.schemas.versions import Kept, encode_kept, encode_live
from support.generate import generate

DOCUMENTS = record_documents()
DIALECTS = (Draft202012Validator, Draft7Validator)
Made = dict[str, list[Any]]


@cache
def made() -> Made:
    """Every kind of record, as the program writes it, by the name of its document."""
    events = [records.read(orjson.loads(each.value)) for each in generate(1_500, seed=3, nationalities=12)]
    found: Made = {name.removesuffix(".v1.json"): [] for name in DOCUMENTS}
    lane = Lane()
    for _, cell, statement in events:
        found["statement"].append(records.dump(statement))
        lane.add(cell, statement)
    for contribution in lane.take_changed().contributions.values():
        kind = "block" if isinstance(contribution, BlockContribution) else "cell"
        found[f"{kind}-contribution"].append(encode_contribution(contribution).partition(b"\n")[0])
    for row in project([(cell, statement) for _, cell, statement in events]):
        kind = {EstimateRow: "estimate-row", ActionRow: "action-row"}.get(type(row), "rollup-row")
        found[kind].append(encode_row(row))
    found["note"] = [b'{"note": "The ministry said so."}']
    found["live-version"] = [encode_live("v2")]
    found["kept-version"] = [encode_kept(Kept()), encode_kept(Kept("2022-09-30", "2022-09-25T08:00:00.000000Z"))]
    places = [Redriven("ab" * 16, "appended", "incidentlog.rescue-reported", 3, 17, edited=True),
              Redriven("ab" * 16, "known", "incidentlog.rescue-reported", 3, None, edited=False)]  # fmt: skip
    found["redriven"] = list(map(encode_redriven, places))
    return {name: [orjson.loads(each) for each in values] for name, values in found.items()}


@pytest.mark.parametrize("file", sorted(DOCUMENTS))
def test_a_document_holds_for_what_the_program_writes(file: str) -> None:
    for dialect in DIALECTS:
        dialect.check_schema(DOCUMENTS[file])
    values = made()[file.removesuffix(".v1.json")]
    assert values
    for dialect in DIALECTS:
        validator = dialect(DOCUMENTS[file])
        assert [list(validator.iter_errors(value)) for value in values if not validator.is_valid(value)] == []


def spoiled(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Copies that lack a field, or have a list where something else was."""
    for name in value:
        yield {key: each for key, each in value.items() if key != name}
        yield value | {name: [[{}]]}


@pytest.mark.parametrize("file", sorted(DOCUMENTS))
def test_what_is_not_as_written_is_refused(file: str) -> None:
    optional = {"statement.v1.json": {"target", "time", "grade"}}.get(file, set())
    validator, older = (dialect(DOCUMENTS[file]) for dialect in DIALECTS)
    for value in made()[file.removesuffix(".v1.json")][:3]:
        for bad in spoiled(value):
            assert validator.is_valid(bad) == older.is_valid(bad)
            assert not validator.is_valid(bad) or value.keys() - bad.keys() <= optional


def test_the_published_files_are_those_of_the_program() -> None:
    published = Path(__file__).parents[2] / "schemas/published"
    parted = [file for file, schema in DOCUMENTS.items() if (published / file).read_bytes() != text(schema)]
    assert not parted, f"run `uv run python schemas/tools/publish.py`: {parted} part from the program"
