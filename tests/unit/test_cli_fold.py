"""`fold` and `sheet`: files in, rows and findings out."""

from __future__ import annotations

import io
import random
from importlib.resources import as_file
from pathlib import Path

import orjson
import pytest

from incidentlog.cli import main, sources
from incidentlog.client import MemoryBroker
from incidentlog.schemas.codec import encode
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import shipped
from support.commands import Called, CommandLine

VNM = {
    "2022-08-24": None,
    "2022-08-31": (450, 500, 550),
    "2022-09-10": (540, 600, 660),
    "2022-09-25": (1000, 1000, None),
}
SHEET = """\
article:
  sha256: {digest}
published: 2022-09-22
authority: VN-MOFA
in: KHM
statements:
  - ref: S1
    reports: rescued
    of: VNM
    quantity: {quantity}
    until: 2022-09-06
"""


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys, MemoryBroker())


@pytest.fixture
def events() -> list[Event]:
    return [placed.event for placed in sources.read((), builtin(), articles=True).events]


def sheet(folder: Path, quantity: str = "about 600", name: str = "sheet.yaml") -> str:
    file = folder / name
    file.write_text(SHEET.format(digest="ab" * 32, quantity=quantity))
    return str(file)


def lines(folder: Path, events: list[Event], name: str = "events.jsonl") -> str:
    file = folder / name
    file.write_bytes(b"\n".join(map(encode, events)) + b"\n")
    return str(file)


def number(called: Called, projection: str, key: str) -> tuple[int, int | None, int | None] | None:
    found = [row for row in called.objects() if (row["projection"], row["key"]) == (projection, key)]
    return (found[0]["low"], found[0]["best"], found[0]["high"]) if found else None


def test_without_files_the_articles_that_ship_are_folded(call: CommandLine) -> None:
    called = call("fold", "--json")
    assert (called.status, called.err) == (0, "")
    assert number(called, "rescued-by-nationality", "VNM") == (1000, 1000, None)
    assert number(called, "rescued-by-nationality", "*") == (1024, 1024, None)
    assert number(called, "arrests-by-place", "KHM") == (156, 156, None)
    assert number(called, "estimates", "rescued/VNM/KHM") == (1000, 1000, None)
    assert "official-actions" not in {row["projection"] for row in called.objects()}


def test_every_row_has_what_readers_rely_on(call: CommandLine) -> None:
    for row in call("fold", "--json").objects():
        assert {"projection", "key", "low", "best", "high", "as_of", "flags"} <= row.keys()
        assert ("counted" in row) != ("contributions" in row)


@pytest.mark.parametrize(("day", "expected"), VNM.items())
def test_numbers_as_of_a_day(day: str, expected: tuple[int, int, int | None] | None, call: CommandLine) -> None:
    assert number(call("fold", "--json", "--as-of", day), "rescued-by-nationality", "VNM") == expected


def test_a_month_stands_for_its_last_day(call: CommandLine) -> None:
    assert call("fold", "--json", "--as-of", "2022-08").out == call("fold", "--json", "--as-of", "2022-08-31").out


def test_what_was_known_at_a_moment(call: CommandLine) -> None:
    early = call("fold", "--json", "--known-at", "2022-09-10")
    assert number(early, "rescued-by-nationality", "VNM") == (540, 600, 660)


@pytest.mark.parametrize("seed", range(3))
def test_sheets_and_events_in_any_order_with_repetitions_say_the_same(
    seed: int, tmp_path: Path, call: CommandLine, events: list[Event]
) -> None:
    shuffled = events + random.Random(seed).choices(events, k=30)
    random.Random(seed).shuffle(shuffled)
    half = len(shuffled) // 2
    files = [lines(tmp_path, shuffled[:half], "a.jsonl"), lines(tmp_path, shuffled[half:], "b.jsonl")]
    for file in shipped()[:2]:
        with as_file(file) as path:
            files.append(str(path))
    random.Random(seed).shuffle(files)
    assert call("fold", "--json", *files).objects() == call("fold", "--json").objects()


def test_standard_input(call: CommandLine, events: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"\xef\xbb\xbf" + b"\n\n".join(map(encode, events)))

    monkeypatch.setattr("sys.stdin", Stdin)
    assert call("fold", "--json", "-").out == call("fold", "--json").out


def test_one_projection(call: CommandLine) -> None:
    called = call("fold", "--json", "-p", "missing-by-nationality", "--projection", "official-actions")
    assert {row["projection"] for row in called.objects()} == {"missing-by-nationality", "official-actions"}


def test_tables_name_every_projection_and_say_what_was_folded(call: CommandLine) -> None:
    called = call("fold", "--table")
    assert called.status == 0
    assert "Rescued, by nationality" in called.out
    assert "rescued/VNM/KHM" in called.out
    assert called.err.startswith(
        "93 events from 5 articles, 41 official actions among them (--projection official-actions)\n"
    )


def test_every_wrong_line_is_named_and_nothing_is_folded(
    tmp_path: Path, call: CommandLine, events: list[Event]
) -> None:
    file = Path(lines(tmp_path, events[:1]))
    wrong = orjson.loads(encode(next(event for event in events if event.type == "RescueReported")))
    wrong["data"]["quantity"]["low"] = -1
    file.write_bytes(file.read_bytes() + b"{not json\n" + orjson.dumps(wrong) + b"\n")
    called = call("fold", str(file))
    assert (called.status, called.out) == (1, "")
    first, second, total = called.err.splitlines()
    assert first.startswith(f"{file}:2: ")
    assert second == f"{file}:3: quantity.low: Input should be greater than or equal to 0"
    assert total == "2 problems: nothing was folded"


def test_of_a_file_of_another_kind_not_every_line_is_named(tmp_path: Path, call: CommandLine) -> None:
    file = tmp_path / "article.txt"
    file.write_text("Some text,\nand more of it.\n")
    called = call("fold", str(file))
    assert (called.status, called.out) == (1, "")
    assert called.err.splitlines()[0].startswith(f"{file}:1: is neither a claim sheet, ")
    assert called.err.splitlines()[1:] == ["1 problem: nothing was folded"]


def test_a_wrong_sheet_is_named_by_line(tmp_path: Path, call: CommandLine) -> None:
    called = call("fold", sheet(tmp_path, "heaps"))
    assert called.status == 1
    assert called.err.startswith(f"{tmp_path}/sheet.yaml:10: quantity: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fold", "nowhere.yaml"], "nowhere.yaml: cannot be read (No such file or directory); check the path"),
        (["fold", "--as-of", "tomorrow"], "--as-of: 'tomorrow' is not a date this log reads; "),
        (["fold", "--known-at", "noonT"], "--known-at: 'noonT' is not a full timestamp; "),
        (["fold", "-p", "rescud-by-nationality"], "no projection is called 'rescud-by-nationality'; did you mean rescued-by-nationality? "),
        (["fold", "-p", "raids"], "no projection is called 'raids'; did you mean raids-by-place? There are: "),
        (["fold", "--registers", "nowhere.json"], "nowhere.json: cannot be read (No such file or directory); "),
        (["sheet", "check", "nowhere.yaml"], "nowhere.yaml: cannot be read (No such file or directory); check the path"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_status_2_and_says_what_to_do(arguments: list[str], message: str, call: CommandLine) -> None:
    called = call(*arguments)
    assert (called.status, called.out) == (2, "")
    assert called.err.startswith(f"incidentlog: {message}")
    assert called.err.count("\n") == 1


def test_registers_of_ones_own_extend_those_that_ship(tmp_path: Path, call: CommandLine) -> None:
    file, own = sheet(tmp_path), tmp_path / "own.json"
    Path(file).write_text(Path(file).read_text().replace("VN-MOFA", "ZZ-OFFICE"))
    assert call("fold", file).status == 1
    own.write_bytes(orjson.dumps({"authorities": [
        {"id": "ZZ-OFFICE", "standing": "state", "country": "VNM", "label": "An office of Vietnam"}
    ]}))  # fmt: skip
    called = call("fold", "--json", "--registers", str(own), file)
    assert number(called, "rescued-by-nationality", "VNM") == (540, 600, 660)
    own.write_text("[]")
    assert call("fold", "--registers", str(own), file).status == 2


def test_sheet_check_shows_the_events(tmp_path: Path, call: CommandLine) -> None:
    called = call("sheet", "check", "--table", sheet(tmp_path))
    assert called.status == 0
    assert "540 / 600 / 660" in called.out
    assert call("sheet", "check", sheet(tmp_path)).objects()[0]["events"] == 1


def test_sheet_check_lists_findings_as_lines_or_json(tmp_path: Path, call: CommandLine) -> None:
    file = sheet(tmp_path, "heaps")
    called = call("sheet", "check", "--table", file)
    assert called.status == 1
    assert called.out.startswith(f"{file}:10: quantity: ")
    assert called.err == "1 thing to mend\n"
    (finding,) = call("sheet", "check", "--json", file).objects()
    assert (finding["file"], finding["line"], finding["field"]) == (file, 10, "quantity")


def test_sheet_locate(tmp_path: Path, call: CommandLine) -> None:
    article = tmp_path / "article.txt"
    article.write_text("One two\nthree. Two three.")
    called = call("sheet", "locate", "--table", str(article), "two three")
    assert called.out.splitlines()[0].startswith("sha256: ")
    assert called.out.splitlines()[1:] == ["evidence: [[4, 13]]"]
    assert call("sheet", "locate", str(article), "Two three").objects()[0]["offsets"] == [[15, 24]]
    assert call("sheet", "locate", str(article)).objects()[0]["sha256"] == called.out.split()[1]
    missing = call("sheet", "locate", str(article), "four")
    assert (missing.status, missing.out) == (1, "")
    assert "does not contain 'four'" in missing.err


def test_sheet_schema(call: CommandLine) -> None:
    assert orjson.loads(call("sheet", "schema").out)["title"] == "Claim sheet"


def test_nothing_is_written_to_standard_output_by_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["sheet", "check"]) == 2
    assert capsys.readouterr().out == ""
