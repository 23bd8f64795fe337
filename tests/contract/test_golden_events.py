"""Events once written decode for ever: one file per event type and version, never changed, only added to."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from incidentlog.schemas import records
from incidentlog.schemas.codec import decode, parse
from incidentlog.schemas.envelope import VERSIONS, parse_type, wrap
from incidentlog.schemas.events import EVENT_TYPES
from incidentlog.schemas.registers import builtin
from support.examples import GOLDEN, SUMS

FILES = sorted(GOLDEN.glob("*.json"))


@pytest.fixture(params=FILES, ids=[file.stem for file in FILES])
def golden(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_every_type_has_a_file_for_each_of_its_versions() -> None:
    due = {f"{name}.v{version}.json" for name in EVENT_TYPES for version in range(1, VERSIONS.get(name, 1) + 1)}
    assert {file.name for file in FILES} == due, (
        "run `uv run python tests/support/examples.py` for a new type or version"
    )


def test_no_file_was_changed_or_taken_away() -> None:
    written = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in FILES)
    assert sorted(written.splitlines()) == sorted(SUMS.read_text().splitlines())


def test_it_decodes_to_an_event_that_the_write_edge_would_take(golden: Path) -> None:
    raw = golden.read_bytes()
    event = decode(raw, builtin())
    name, version = parse_type(parse(raw)["type"])
    assert (event.type, f"{name}.v{version}") == (name, golden.stem)
    assert event.recorded is not None


def test_the_newest_version_is_written_back_unchanged(golden: Path) -> None:
    envelope = parse(golden.read_bytes())
    name, version = parse_type(envelope["type"])
    rewritten = orjson.loads(orjson.dumps(wrap(decode(golden.read_bytes()))))
    assert version < VERSIONS.get(name, 1) or rewritten == envelope


def test_the_unchecked_reader_sees_the_same_event(golden: Path) -> None:
    event = decode(golden.read_bytes())
    home, cell, statement = records.read(parse(golden.read_bytes()))
    assert (home, cell, statement.id, statement.recorded) == (event.home, event.cell, event.id, event.recorded)
    assert records.load(records.dump(statement)) == statement
