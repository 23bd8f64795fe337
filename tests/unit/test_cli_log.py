"""`topics`, `publish`, `watch` and `why` against a broker in memory."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from incidentlog.cli import sources
from incidentlog.schemas.codec import encode
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import Topics
from support.commands import CommandLine

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
    until: {until}
    note: {note}
"""


def sheet(
    folder: Path, quantity: str = "about 600", until: str = "2022-09-06", note: str = "Said at a briefing."
) -> str:
    file = folder / "sheet.yaml"
    file.write_text(SHEET.format(digest="ab" * 32, quantity=quantity, until=until, note=note))
    return str(file)


def test_topics_are_created_once(empty: CommandLine) -> None:
    there = len(Topics().all())
    assert empty("topics", "apply", "--table").out == f"{there} topics created, 0 there already\n"
    assert empty("topics", "apply", "--table").out == f"0 topics created, {there} there already\n"
    assert {line["created"] for line in empty("topics", "apply").objects()} == {False}


def test_topics_check(empty: CommandLine) -> None:
    missing = empty("topics", "check")
    assert missing.status == 1
    assert {line["found"] for line in missing.objects()} == {"missing"}
    empty("topics", "apply")
    right = empty("topics", "check", "--table")
    assert (right.status, right.out) == (0, "")
    assert right.err == f"0 differences in {len(Topics().all())} topics\n"
    assert empty("topics", "check", "--table", "--partitions", "8").status == 1


def test_publishing_without_topics_says_what_to_do(empty: CommandLine) -> None:
    called = empty("publish", "--articles")
    assert called.status == 1
    assert "incidentlog topics apply" in called.err


def test_a_broker_that_does_not_answer_says_what_to_do(call: CommandLine) -> None:
    call.memory.available = False
    for arguments in (
        ["publish", "--articles"],
        ["watch", "estimates", "--once"],
        ["why", "estimates", "rescued/VNM/KHM"],
    ):
        called = call(*arguments)
        assert (called.status, called.out) == (1, "")
        assert "incidentlog up" in called.err


def test_publishing_again_appends_nothing(call: CommandLine) -> None:
    assert call("publish", "--articles").objects() == [{"appended": 93, "known": 0, "refused": 0}]
    assert call("publish", "--articles").objects() == [{"appended": 0, "known": 93, "refused": 0}]
    assert call("publish", "--articles", "--table").out == "0 events appended, 93 already known\n"
    assert len(call.events()) == 93


def test_a_dry_run_appends_nothing(call: CommandLine) -> None:
    assert call("publish", "--articles", "--dry-run", "--table").out == "93 events would be appended, 0 already known\n"
    assert call.events() == []


def test_nothing_named_is_a_wrong_call(call: CommandLine) -> None:
    called = call("publish")
    assert called.status == 2
    assert called.err.startswith("incidentlog: name sheets (.yaml) or event files (.jsonl)")


def test_one_bad_line_and_nothing_is_appended(tmp_path: Path, call: CommandLine) -> None:
    events = [placed.event for placed in sources.read((), builtin(), articles=True).events]
    wrong = orjson.loads(encode(events[0]))
    wrong["data"]["authority"]["id"] = "NOBODY"
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join([encode(events[1]), orjson.dumps(wrong), encode(events[2])]))
    called = call("publish", str(file))
    assert (called.status, called.out, call.events()) == (1, "", [])
    assert called.err.startswith(f"{file}:2: ")
    assert "NOBODY" in called.err.splitlines()[0]
    assert called.err.splitlines()[1].startswith("1 problem: nothing was appended.")
    kept = call("publish", "--keep-going", str(file))
    assert (kept.status, kept.objects()) == (1, [{"appended": 2, "known": 0, "refused": 1}])
    assert len(call.events()) == 2


def test_other_content_under_a_known_id_is_refused_with_its_place(tmp_path: Path, call: CommandLine) -> None:
    event = next(p.event for p in sources.read((), builtin(), articles=True).events if p.event.type == "RescueReported")
    other = orjson.loads(encode(event))
    other["data"]["quantity"] |= {"low": 1, "best": 1, "high": 1}
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_bytes(encode(event))
    second.write_bytes(orjson.dumps(other))
    assert call("publish", str(first)).status == 0
    called = call("publish", str(second))
    assert called.status == 1
    assert called.err.startswith(f"{second}:1: {other['data']['ref']}: ")
    assert "other content" in called.err
    assert call.events() == ["RescueReported"]


def test_a_changed_sheet_shows_the_difference_and_appends_nothing(tmp_path: Path, call: CommandLine) -> None:
    assert call("publish", sheet(tmp_path)).status == 0
    called = call("publish", "--table", sheet(tmp_path, "about 700"))
    assert called.status == 1
    assert "540 / 600 / 660 → 630 / 700 / 770" in called.out
    assert called.err.endswith("Publish them as corrections and retractions with --amend\n")
    assert call.events() == ["RescueReported"]


def test_amending_publishes_a_correction_once(tmp_path: Path, call: CommandLine) -> None:
    assert call("publish", sheet(tmp_path)).status == 0
    changed = sheet(tmp_path, "about 700")
    rehearsed = call("publish", "--amend", "--dry-run", changed)
    assert rehearsed.objects()[-1] == {"appended": 1, "known": 0, "refused": 0}
    assert call.events() == ["RescueReported"]
    amended = call("publish", "--amend", changed)
    assert (amended.status, amended.objects()[0]["change"]) == (0, "changed")
    assert call.events() == ["ClaimCorrected", "RescueReported"]
    again = call("publish", "--amend", changed)
    assert again.status == 0
    assert call.events() == ["ClaimCorrected", "RescueReported"]
    call.work()
    (row,) = [row for row in call("watch", "estimates", "--once").objects() if row["key"] == "rescued/VNM/KHM"]
    assert (row["low"], row["best"], row["high"]) == (630, 700, 770)
    (line,) = call("why", "rescued-by-nationality", "VNM").objects()
    assert (line["ref"], line["best"], line["stated"], line["note"]) == ("S1", 700, "about 700", "Said at a briefing.")


def test_a_statement_more_in_a_published_sheet_is_simply_appended(tmp_path: Path, call: CommandLine) -> None:
    file = sheet(tmp_path)
    assert call("publish", file).status == 0
    grown = Path(file)
    grown.write_text(
        grown.read_text() + grown.read_text().partition("statements:\n")[2].replace("S1", "S2").replace("VNM", "MYS")
    )
    more = call("publish", file)
    assert (more.status, more.objects()) == (0, [{"appended": 1, "known": 1, "refused": 0}])


def test_events_of_an_article_that_is_known_by_its_sheet_are_appended(tmp_path: Path, call: CommandLine) -> None:
    events = [placed.event for placed in sources.read((), builtin(), articles=True).events]
    file = tmp_path / "event.jsonl"
    file.write_bytes(encode(events[0]))
    assert call("publish", "--articles", str(file)).objects() == [{"appended": 93, "known": 1, "refused": 0}]
    assert call("publish", "--articles", str(file)).objects() == [{"appended": 0, "known": 94, "refused": 0}]


def test_a_statement_taken_out_of_a_sheet_is_retracted_only_when_asked(tmp_path: Path, call: CommandLine) -> None:
    file = Path(sheet(tmp_path))
    one = file.read_text()
    file.write_text(one + one.partition("statements:\n")[2].replace("S1", "S2").replace("VNM", "MYS"))
    assert call("publish", str(file)).status == 0
    file.write_text(one)
    assert call("publish", str(file)).status == 1
    assert call("publish", "--amend", str(file)).objects()[0] | {"id": ""} == {
        "change": "removed", "ref": "S2", "id": "", "told": ["no longer in the sheet: to be retracted"]
    }  # fmt: skip
    assert call.events() == ["ClaimRetracted", "RescueReported", "RescueReported"]
    assert call("publish", str(file)).objects() == [{"appended": 0, "known": 1, "refused": 0}]


def test_links_that_change_are_told_by_their_labels(tmp_path: Path, call: CommandLine) -> None:
    file = Path(sheet(tmp_path))
    one = file.read_text()
    second = one.partition("statements:\n")[2].replace("S1", "S2")
    file.write_text(one + second + "    part_of: S1\n")
    assert call("publish", str(file)).status == 0
    file.write_text(one.partition("statements:\n")[0] + "statements:\n" + second)
    changed, removed = call("publish", str(file)).objects()
    assert (changed["ref"], changed["told"]) == ("S2", ["part_of: S1 → \N{EN DASH}"])
    assert (removed["ref"], removed["change"]) == ("S1", "removed")


def test_what_was_retracted_comes_back_only_when_asked(tmp_path: Path, call: CommandLine) -> None:
    file = Path(sheet(tmp_path))
    one = file.read_text()
    two = one + one.partition("statements:\n")[2].replace("S1", "S2").replace("VNM", "MYS")
    for text, options in ((two, []), (one, ["--amend"])):
        file.write_text(text)
        assert call("publish", *options, str(file)).status == 0
    file.write_text(two)
    left = call("publish", "--amend", str(file))
    assert left.objects() == [{"appended": 0, "known": 2, "refused": 0}]
    assert left.err.startswith("retracted, and left so: S2. ")
    restored = call("publish", "--amend", "--restore", str(file))
    assert (restored.objects()[0]["change"], restored.err) == ("restored", "")
    assert call.events() == ["ClaimRetracted", "ClaimRetracted", "RescueReported", "RescueReported"]


def test_watch_once_prints_the_rows_as_they_are(told: CommandLine) -> None:
    rows = {row["key"]: row for row in told("watch", "rescued-by-nationality", "--once", "--json").objects()}
    assert (rows["VNM"]["low"], rows["VNM"]["best"], rows["VNM"]["high"]) == (1000, 1000, None)
    assert {"projection", "as_of", "flags", "contributions"} <= rows["*"].keys()
    table = told("watch", "rescued-by-nationality", "--once", "--table").out.splitlines()
    assert [line.split()[0] for line in table if line.split()[:1] and line.split()[0] in rows] == [
        "VNM",
        "MYS",
        "QMF",
        "CHN",
        "IND",
        "TWN",
        "BGD",
        "*",
    ]


def test_watch_of_nothing_known_lists_what_there_is(told: CommandLine) -> None:
    called = told("watch", "rescued-by-nation", "--once")
    assert called.status == 2
    assert called.err.startswith(
        "incidentlog: no projection is called 'rescued-by-nation'; did you mean rescued-by-nationality? There are: "
    )


def test_why_1000_and_not_3500(told: CommandLine) -> None:
    lines = {line["ref"]: line for line in told("why", "rescued-by-nationality", "VNM", "--json").objects()}
    assert {"id", "ref", "treatment", "by", "reason", "source", "authority", "edtf", "low", "best", "high"} <= lines[
        "S2-03"
    ].keys()
    counted = {ref for ref, line in lines.items() if "counted_in_low" in line["treatment"]}
    assert counted == {"S2-02", "S2-03"}
    assert lines["S1-03"]["by"] == [lines["S2-03"]["id"]] or lines["S1-03"]["by"] == [lines["S2-02"]["id"]]
    told_to_people = told("why", "rescued-by-nationality", "VNM", "--table").out
    assert "A plain sum of the 5 firm numbers would say 3500 (1000 + 1000 + 600 + 500 +" in told_to_people
    assert "“more than 1000”, up to 2022-09-21, VN-MOFA" in told_to_people


@pytest.mark.parametrize(
    ("projection", "key", "refs"),
    [
        ("estimates", "arrested/XXX/KHM/KH-12", {"S3-24", "S4-07"}),
        ("arrests-by-place", "KH-12", {"S3-24", "S4-07"}),
        ("missing-by-nationality", "*", {"S4-16"}),
        ("requests-by-nationality", "XXX", {"S3-11", "S3-12", "S3-13", "S3-14", "S3-15", "S3-16", "S3-17"}),
    ],
)
def test_why_joins_the_claims_of_a_rows_cells(projection: str, key: str, refs: set[str], told: CommandLine) -> None:
    assert {line["ref"] for line in told("why", projection, key, "--json").objects()} == refs


def test_why_everyone_names_every_cell_and_the_mixed_one(told: CommandLine) -> None:
    text = told("why", "rescued-by-nationality", "*", "--table").out
    cells = {row["key"] for row in told("watch", "estimates", "--once").objects() if row["key"].startswith("rescued/")}
    assert [cell for cell in cells if cell not in text] == []
    assert "Speaks of several nationalities together" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["rescued-by-nationality", "vnm"],
            "rescued-by-nationality has no key 'vnm'; did you mean VNM? There are: *, BGD, ",
        ),
        (["official-actions", "x"], "official-actions holds no numbers to explain; "),
        (["rescued", "VNM"], "no projection is called 'rescued'; did you mean rescued-by-nationality? "),
    ],
)
def test_why_nothing(arguments: list[str], message: str, told: CommandLine) -> None:
    called = told("why", *arguments)
    assert (called.status, called.out) == (2, "")
    assert called.err.startswith(f"incidentlog: {message}")


@pytest.mark.parametrize(
    ("projection", "key"), [("rescued-by-nationality", "*"), ("estimates", "arrested/XXX/KHM/KH-12")]
)
def test_files_give_the_same_answer_as_the_log(projection: str, key: str, told: CommandLine) -> None:
    for form in ("--json", "--table"):
        assert told("why", projection, key, "--articles", form) == told("why", projection, key, form)


def test_why_of_a_wrong_file(tmp_path: Path, call: CommandLine) -> None:
    called = call("why", "rescued-by-nationality", "VNM", "--from", sheet(tmp_path, "heaps"))
    assert (called.status, called.out) == (1, "")
    assert called.err.startswith(f"{tmp_path}/sheet.yaml:10: quantity: ")


def test_why_before_anything_was_published(call: CommandLine) -> None:
    called = call("why", "rescued-by-nationality", "VNM")
    assert called.status == 2
    assert "it has no rows yet" in called.err
