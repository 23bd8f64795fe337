"""`export` of events and `import` against a broker in memory."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from incidentlog.schemas.codec import encode
from support.commands import CommandLine
from support.exports import HERE, THERE, harmed, log, put
from support.publishing import article, on, rescue

SEALED = pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])


@pytest.fixture
def call(empty: CommandLine) -> CommandLine:
    """The command line in front of a broker with the topics of two installations; `told` is about the first."""
    empty.memory.create([*HERE.all(), *THERE.all()])
    return empty


@SEALED
def test_there_and_back(suffix: str, tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / f"history{suffix}"
    exported = told("export", "events", str(file))
    (line,) = exported.objects()
    assert (exported.status, line["events"], line["notes"], line["left_out"]) == (0, 93, 0, 0)
    assert line["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert sum(line["types"].values()) == 93
    assert sum(map(sum, line["positions"].values())) == 93
    rehearsed = told("import", str(file), "--prefix", "there", "--dry-run", "--table")
    assert rehearsed.out == "93 events would be appended, 0 already known\n"
    assert log(told.memory, THERE) == {}
    imported = told("import", str(file), "--prefix", "there")
    assert imported.objects() == [{"events": 93, "appended": 93, "known": 0, "notes": 0}]
    assert log(told.memory, THERE) == log(told.memory, HERE)
    again = told("import", str(file), "--prefix", "there", "--table")
    assert (again.status, again.out) == (0, "0 events appended, 93 already known\n")
    assert told("import", str(file), "--table").out == "0 events appended, 93 already known\n"
    assert log(told.memory, THERE) == log(told.memory, HERE)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@SEALED
def test_whatever_the_folds_take_comes_back_as_it_was(suffix: str, tmp_path: Path, call: CommandLine) -> None:
    """Repetitions, earlier recorded times, contents that compete for one id: the log bears them, so an import does."""
    memory, first, source = call.memory, rescue(article()), article()
    values = [rescue(source, "R-1", quantity={"low": n, "best": n, "high": n, "qualifier": "exact"}) for n in (5, 7)]
    events = [first, *values, on(first, "ClaimRetracted"), on(first, "ClaimGraded"), rescue(article(), country="MMR")]
    for number, event in enumerate([*events, first, values[0]]):
        envelope = orjson.loads(encode(event)) | {"recordedtime": f"2023-01-01T00:00:{59 - number}.000000Z"}
        put(memory, orjson.dumps(envelope), event.home)
    file = str(tmp_path / f"history{suffix}")
    assert call("export", "events", file).objects()[0]["events"] == 8
    assert call("import", file, "--prefix", "there").objects()[0]["appended"] == 8
    assert log(memory, THERE) == log(memory, HERE)
    for prefix in ("there", "incidentlog"):
        assert call("import", file, "--prefix", prefix).objects() == [
            {"events": 8, "appended": 0, "known": 8, "notes": 0}
        ]
    assert log(memory, THERE) == log(memory, HERE)


def test_dead_letters_are_left_out(tmp_path: Path, told: CommandLine) -> None:
    for value, topic, key in (
        (b"no event", "RescueReported", "rescued/VNM/KHM"),
        (encode(rescue(article())), "RescueReported", "rescued/VNM/LAO"),
        (encode(rescue(article())), "ArrestMade", None),
    ):
        put(told.memory, value, topic, key)
    file = tmp_path / "history.jsonl"
    exported = told("export", "events", str(file), "--table")
    assert exported.out == f"{file}: 93 events, its checksums inside\n"
    assert exported.err.startswith("3 records left out: ")
    assert told("import", str(file), "--prefix", "there").objects()[0]["appended"] == 93


@SEALED
def test_an_empty_log(suffix: str, tmp_path: Path, call: CommandLine) -> None:
    file = str(tmp_path / f"history{suffix}")
    (line,) = call("export", "events", file).objects()
    assert (line["events"], line["positions"], line["types"]) == (0, {}, {})
    assert call("import", file).objects() == [{"events": 0, "appended": 0, "known": 0, "notes": 0}]
    table = tmp_path / "rows.csv"
    assert call("export", "estimates", str(table)).objects()[0]["rows"] == 0
    assert len(table.read_text().splitlines()) == 1


@SEALED
def test_of_a_hundred_harmed_files_not_one_event_is_appended(suffix: str, tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / f"history{suffix}"
    told("export", "events", str(file))
    for _, content in harmed(file.read_bytes(), 100, seed=4):
        file.write_bytes(content)
        called = told("import", str(file), "--prefix", "there")
        assert (called.status, called.out) == (1, "")
        assert called.err.startswith("Nothing was appended.\n" + f"incidentlog: {file}:")
        assert ": byte " in called.err
    assert log(told.memory, THERE) == {}


def test_the_first_bad_record_is_named(tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / "history.jsonl"
    told("export", "events", str(file))
    rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*rows[:6], rows[6].replace(b"2022", b"2023", 1), *rows[7:]]))
    called = told("import", str(file), "--prefix", "there")
    assert called.err == (
        f"Nothing was appended.\nincidentlog: {file}:7: byte {sum(map(len, rows[:6]))}: this line was altered: its checksum is another; "
        "copy the file once more, or export again\n"
    )


@pytest.mark.parametrize("verb", ["fold", "publish"])
def test_other_verbs_read_an_export_and_refuse_a_torn_one(verb: str, tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / "history.jsonl"
    told("export", "events", str(file))
    whole = told(verb, str(file), *(["--prefix", "there"] if verb == "publish" else ["--json"]))
    assert whole.status == 0
    if verb == "fold":
        assert whole.out == told("fold", "--json").out
    else:
        assert log(told.memory, THERE) == log(told.memory, HERE)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:50]))
    torn = told(verb, str(file))
    assert torn.status == 1
    assert f"{file}:51: byte " in torn.err


def test_what_lies_before_the_damage_can_be_saved(tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / "history.jsonl"
    told("export", "events", str(file))
    rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(rows[:50]) + rows[50][:-9])
    called = told("publish", "--keep-going", "--prefix", "there", str(file))
    assert called.status == 1
    assert called.objects() == [{"appended": 49, "known": 0, "refused": 1}]


def test_a_file_that_changes_while_it_is_imported(
    tmp_path: Path, told: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "history.jsonl"
    told("export", "events", str(file))
    whole = file.read_bytes()

    async def tear(*_: object) -> set[str]:
        with file.open("r+b") as stream:
            stream.truncate(len(whole) - 20)
        return set()

    monkeypatch.setattr("incidentlog.exchange.importing._without_note", tear)
    called = told("import", str(file), "--prefix", "there")
    assert called.status == 1
    assert "import it again" in called.err
    assert "Nothing was appended" not in called.err
    monkeypatch.undo()


def test_events_that_this_program_does_not_take_are_all_named(
    tmp_path: Path, call: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = {"authorities": [{"id": "PH-EMB-KH", "standing": "state", "country": "PHL", "label": "Embassy"}]}
    registers, file = tmp_path / "registers.json", str(tmp_path / "history.jsonl")
    registers.write_bytes(orjson.dumps(office))
    theirs = {"id": "PH-EMB-KH", "standing": "state", "country": "PHL"}
    for event in (rescue(article()), *(rescue(article(), authority=theirs) for _ in range(12))):
        put(call.memory, encode(event))
    assert call("export", "events", file).status == 0
    called = call("import", file, "--prefix", "there")
    assert (called.status, log(call.memory, THERE)) == (1, {})
    assert "12 of the events may not be appended here" in called.err
    assert called.err.count("PH-EMB-KH") == 10
    assert called.err.endswith("and 2 more\n")
    assert f"{file}:" in called.err
    assert call("import", file, "--prefix", "there", "--registers", str(registers)).objects()[0]["appended"] == 13


def test_an_id_that_says_something_else_here_is_refused(tmp_path: Path, call: CommandLine) -> None:
    source, file = article(), str(tmp_path / "history.jsonl")
    ours, theirs = (rescue(source, "R-1", nationality="VNM", occasion=day) for day in ("2022-09-21", "2022-09-22"))
    put(call.memory, encode(theirs))
    assert call("export", "events", file).status == 0
    lines = tmp_path / "ours.jsonl"
    lines.write_bytes(encode(ours))
    assert call("publish", str(lines), "--prefix", "there").status == 0
    called = call("import", file, "--prefix", "there")
    assert called.status == 1
    assert f"{file}:2: byte " in called.err
    assert "was published before with other content" in called.err
    assert sum(map(len, log(call.memory, THERE).values())) == 1
