"""Paraphrases in exports: only when asked, and never what was redacted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.topics import Topics
from support.commands import CommandLine
from support.exports import HERE, THERE
from support.publishing import on

SEALED = pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
NOTE = "The ministry spoke of more than a thousand people."


@pytest.fixture
def call(empty: CommandLine) -> CommandLine:
    """The command line in front of a broker with the topics of two installations."""
    empty.memory.create([*HERE.all(), *THERE.all()])
    return empty


def notes(memory: MemoryBroker, topics: Topics) -> dict[bytes | None, bytes | None]:
    """The paraphrases of an installation, erased ones as None."""
    return {record.key: record.value for record in memory.records(topics.notes)}


@pytest.fixture
def noted(call: CommandLine, tmp_path: Path) -> dict[str, str]:
    """Ids by ref of three claims that were published with paraphrases; the second one's was redacted."""
    source = hashlib.sha256(b"article").hexdigest()
    sheet = tmp_path / "sheet.yaml"
    head = f"article:\n  sha256: {source}\npublished: 2022-09-22\nauthority: VN-MOFA\nin: KHM\nstatements:\n"
    one = "  - ref: {}\n    reports: rescued\n    of: {}\n    quantity: 10\n    until: 2022-09-06\n    note: {}\n"
    sheet.write_text(
        head + "".join(one.format(f"S{n}", code, f"{NOTE} {n}.") for n, code in enumerate(("VNM", "MYS", "IND")))
    )
    assert call("publish", str(sheet)).status == 0
    events = [decode(record.value or b"") for record in call.memory.records(HERE.events("RescueReported"))]
    ids = {event.data.ref: event.id for event in events}  # type: ignore[union-attr]
    redacted = next(event for event in events if event.id == ids["S1"])
    lines = tmp_path / "redaction.jsonl"
    lines.write_bytes(encode(on(redacted, "ClaimRedacted")))
    assert call("publish", str(lines)).status == 0
    return ids


@SEALED
def test_paraphrases_travel_only_when_asked(
    suffix: str, tmp_path: Path, call: CommandLine, noted: dict[str, str]
) -> None:
    file = str(tmp_path / f"history{suffix}")
    assert call("export", "events", file).objects()[0]["notes"] == 0
    assert NOTE.encode() not in Path(file).read_bytes()
    assert call("export", "events", file, "--notes").objects()[0]["notes"] == 2
    rehearsed = call("import", file, "--prefix", "there", "--dry-run").objects()
    imported = call("import", file, "--prefix", "there").objects()
    assert imported == rehearsed == [{"events": 4, "appended": 4, "known": 0, "notes": 2}]
    kept = {key: value for key, value in notes(call.memory, THERE).items() if value is not None}
    assert kept == {key: value for key, value in notes(call.memory, HERE).items() if value is not None}
    assert kept.keys() == {noted["S0"].encode(), noted["S2"].encode()}
    size = len(call.memory.records(THERE.notes))
    again = call("import", file, "--prefix", "there").objects()
    assert again == [{"events": 4, "appended": 0, "known": 4, "notes": 0}]
    assert len(call.memory.records(THERE.notes)) == size


def test_a_redacted_paraphrase_is_in_no_export_even_before_it_is_erased(
    tmp_path: Path, call: CommandLine, noted: dict[str, str]
) -> None:
    call.memory.put(HERE.notes, noted["S1"], orjson.dumps({"note": f"{NOTE} 1."}))
    file = tmp_path / "history.jsonl"
    assert call("export", "events", str(file), "--notes").objects()[0]["notes"] == 2
    assert f"{NOTE} 1.".encode() not in file.read_bytes()


def test_an_old_export_brings_nothing_back(tmp_path: Path, call: CommandLine, noted: dict[str, str]) -> None:
    file, lines = str(tmp_path / "history.jsonl"), tmp_path / "redaction.jsonl"
    call("export", "events", file, "--notes")
    assert call("import", file, "--prefix", "there").status == 0
    events = [decode(record.value or b"") for record in call.memory.records(HERE.events("RescueReported"))]
    redaction = on(next(event for event in events if event.id == noted["S0"]), "ClaimRedacted")
    lines.write_bytes(encode(redaction))
    assert call("publish", str(lines), "--prefix", "there").status == 0
    call.memory.put(THERE.notes, noted["S2"], orjson.dumps({"note": "Newer."}))
    assert call("import", file, "--prefix", "there").objects()[0]["notes"] == 0
    found = notes(call.memory, THERE)
    assert found[noted["S0"].encode()] is None
    assert found[noted["S2"].encode()] == b'{"note":"Newer."}'
