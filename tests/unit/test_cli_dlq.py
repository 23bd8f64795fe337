"""`dlq list`, `show` and `redrive` against a broker in memory."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from incidentlog.bench.load import Produced
from incidentlog.cli.waiting import UNTOLD
from incidentlog.client import AccessDenied
from incidentlog.schemas.codec import encode
from incidentlog.schemas.numbers import plural
from incidentlog.schemas.topics import Topics
from support.articles import events
from support.commands import CommandLine
from support.poison import Poison
from support.quarantine import MENDED_ALONE, append, condemn, registered, spoiled

Bad = dict[Poison, Produced]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """However these tests were started, the program is called by its name."""
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)


@pytest.fixture
def bad(call: CommandLine) -> Bad:
    """Twenty-five claims, every kind of mistake among them, and the letters they ended as."""
    found = spoiled(registered(25), Topics())
    append(call.memory, Topics(), found)
    condemn(call.memory, Topics())
    return found


def listed(call: CommandLine, *options: str) -> list[dict[str, Any]]:
    called = call("dlq", "list", "--json", *options)
    assert called.status == 0, called.err
    return called.objects()


def log(call: CommandLine) -> dict[str, Any]:
    return {topic: call.memory.records(topic) for topic in call.memory.names()}


def test_the_list_tells_open_from_done(call: CommandLine, bad: Bad) -> None:
    assert [each["state"] for each in listed(call)] == ["open"] * len(bad)
    called = call("dlq", "redrive", "--reason", "wrong_key", "--table")
    keys = sum(each.reason == "wrong_key" for each in bad)
    assert (called.status, called.err) == (0, f"{plural(keys, 'event')} appended, 0 known already\n")
    assert {each["reason"] for each in listed(call)} == {each.reason for each in bad} - {"wrong_key"}
    assert len(listed(call, "--all")) == len(bad)
    assert [each["state"] for each in listed(call, "--all", "--reason", "wrong_key")] == ["done"] * keys
    shown = call("dlq", "list", "--table", "--all")
    assert f"{len(bad) - keys} letters open, {keys} done\n" in shown.err
    assert shown.out.count("done") == keys
    assert "Look at one: incidentlog dlq show " in shown.err


def test_a_line_says_what_programs_need(call: CommandLine, bad: Bad) -> None:
    [line, *_] = listed(call, "--reason", "wrong_topic")
    [one, *_] = [each for each in bad if each.reason == "wrong_topic"]
    assert (line["topic"], line["partition"], line["key"], line["event_type"]) == (
        one.topic,
        one.partition,
        one.key.decode(),
        one.event_type,
    )
    assert line["bytes"] == len(one.value or b"")
    assert line["detail"].startswith("this event belongs on incidentlog.")
    assert line["redriven"] is None


def test_a_letter_is_shown_whole(call: CommandLine, bad: Bad) -> None:
    for line in listed(call):
        [whole] = call("dlq", "show", line["id"][:10], "--json").objects()
        assert line.items() <= whole.items()
        assert whole["processor"] == "estimates"
        page = call("dlq", "show", line["id"], "--table").out
        assert f"refused  {line['reason']}: {line['detail']}" in page
        assert f"dlq redrive {line['id']}" in page
    [text] = {
        each["text"]
        for each in map(whole_of(call), listed(call, "--reason", "invalid_json"))
        if each.get("text", "").startswith('{"specversion":') and len(each["text"]) < 20
    }
    assert text == '{"specversion":'
    assert any(each.get("base64") == "//4=" for each in map(whole_of(call), listed(call, "--reason", "invalid_json")))
    call("dlq", "redrive", "--reason", "wrong_key")
    [done, *_] = listed(call, "--all", "--reason", "wrong_key")
    assert (
        f"done     published as event {done['redriven']['event']} on incidentlog."
        in call("dlq", "show", done["id"], "--table").out
    )


def whole_of(call: CommandLine) -> Any:
    return lambda line: call("dlq", "show", line["id"], "--json").objects()[0]


def test_letters_are_mended_in_a_file(call: CommandLine, bad: Bad, tmp_path: Path) -> None:
    good = {each.value or b"": event for each, event in bad.items()}
    lines = listed(call, "--type", "MoonLanded")
    shown = call("dlq", "show", *(each["id"] for each in lines), "--json").objects()
    assert shown
    file = tmp_path / "mend.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps(each) for each in shown) + b"\n")
    as_they_are = call("dlq", "redrive", "--edit", str(file), "--json")
    assert as_they_are.status == 1
    assert {each["outcome"] for each in as_they_are.objects()} == {"refused"}
    for each in shown:
        each["event"]["type"] = orjson.loads(good[orjson.dumps(each["event"])].value)["type"]
    file.write_bytes(b"\n".join(map(orjson.dumps, shown)))
    mended = call("dlq", "redrive", "--edit", str(file), "--table")
    assert (mended.status, mended.err) == (0, f"{plural(len(shown), 'event')} appended, 0 known already\n")
    assert all(each["redriven"]["edited"] for each in listed(call, "--all", "--type", "MoonLanded"))
    assert "mended and published as event" in call("dlq", "show", lines[0]["id"], "--table").out
    before = log(call)
    again = call("dlq", "redrive", "--edit", str(file), "--table")
    assert (again.status, again.err) == (0, f"0 events appended, 0 known already, {len(shown)} done before\n")
    assert log(call) == before


def test_one_event_mends_the_one_letter_named(call: CommandLine, bad: Bad, tmp_path: Path) -> None:
    [line, *_] = listed(call, "--reason", "null_value")
    [event, *_] = [event for each, event in bad.items() if each.reason == "null_value"]
    (tmp_path / "event.json").write_bytes(event.value)
    called = call("dlq", "redrive", line["id"][:9], "--edit", str(tmp_path / "event.json"), "--json")
    assert called.status == 0
    assert called.objects() == [
        {"id": line["id"], "outcome": "appended", "event": orjson.loads(event.value)["id"], "problem": None}
    ]


def test_a_dry_run_and_twice_the_same(call: CommandLine, bad: Bad) -> None:
    before = log(call)
    dry = call("dlq", "redrive", "--all", "--dry-run", "--json")
    assert log(call) == before
    wet = call("dlq", "redrive", "--all", "--json")
    assert (dry.status, dry.out) == (wet.status, wet.out) == (1, wet.out)
    assert "would be appended" in dry.err
    alone = sum(each.reason in MENDED_ALONE for each in bad)
    assert [each["outcome"] for each in wet.objects()].count("appended") == alone
    assert (
        f"{alone} events appended, 0 known already, {len(bad) - alone} refused still\nMend one: incidentlog dlq show "
        in wet.err
    )
    before = log(call)
    assert call("dlq", "redrive", "--all").status == 1
    assert log(call) == before


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["redrive"], "name letters, choose them by --reason"),
        (["redrive", "beefbeef"], "'beefbeef' is no dead letter; `dlq list --all` has their ids"),
        (["show", "beefbeef"], "'beefbeef' is no dead letter"),
        (["show", ""], "'' may be "),
        (["list", "--reason", "mood"], "--reason: 'mood' is none of null_value, "),
        (["list", "--topic", "rescue-report"], "did you mean incidentlog.rescue-reported?"),
        (["list", "--since", "yesterday"], "--since: "),
        (["list", "--until", "2022-13"], "--until: "),
        (["redrive", "--edit", "nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["redrive", "--edit", "{file}"], "nothing.jsonl:1: holds no mended letter"),
        (["redrive", "--edit", "{other}"], "other.jsonl:2: neither a line of `dlq show --json`"),
        (["redrive", "--edit", "{torn}"], "torn.jsonl:1: unexpected end of data"),
    ],
)
def test_calls_that_are_wrong(call: CommandLine, bad: Bad, tmp_path: Path, arguments: list[str], problem: str) -> None:
    files = {
        "file": ("nothing.jsonl", b"\n\n"),
        "other": ("other.jsonl", b'\n{"id": "x"}\n'),
        "torn": ("torn.jsonl", b'{"id"'),
    }
    for name, content in files.values():
        (tmp_path / name).write_bytes(content)
    before = log(call)
    called = call(
        "dlq", *(each.format(**{key: tmp_path / name for key, (name, _) in files.items()}) for each in arguments)
    )
    assert called.status == 2
    assert problem in called.err
    assert "Traceback" not in called.err
    assert log(call) == before


def test_topics_days_and_moments(call: CommandLine, bad: Bad) -> None:
    here = sum(each.topic == "incidentlog.handover-reported" for each in bad)
    assert (
        len(listed(call, "--topic", "handover-reported"))
        == len(listed(call, "--topic", "incidentlog.handover-reported"))
        == here
    )
    at = listed(call)[0]["at"]
    for option, day, count in (
        ("--since", at[:10], len(bad)),
        ("--until", at[:10], len(bad)),
        ("--since", "2999", 0),
        ("--until", "2000", 0),
    ):
        assert len(listed(call, option, day)) == count, (option, day)
    assert len(listed(call, "--since", at)) == len(bad)


def test_without_topics_the_command_that_makes_them_is_named(empty: CommandLine) -> None:
    called = empty("dlq", "list")
    assert called.status == 1
    assert "incidentlog topics apply" in called.err


def test_where_nothing_was_refused(call: CommandLine) -> None:
    assert call("dlq", "list", "--table").err == "0 letters open\n"
    assert call("dlq", "redrive", "--all", "--table").err == "0 events appended, 0 known already\n"


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("why", "rescued-by-nationality", "VNM"), 1),
        (("why", "rescued-by-nationality", "*"), 1),
        (("why", "rescued-by-nationality", "MYS"), 0),
        (("why", "estimates", "rescued/VNM/KHM"), 1),
        (("why", "estimates", "rescued/MYS/KHM"), 0),
        (("why", "arrests-by-place", "KHM"), 0),
        (("watch", "rescued-by-nationality", "--once"), 1),
        (("watch", "estimates", "--once"), 1),
        (("watch", "raids-by-place", "--once"), 0),
        (("watch", "official-actions", "--once"), 0),
        (("timeline", "rescued-by-nationality", "VNM"), 1),
        (("timeline", "rescued-by-nationality", "MYS"), 0),
    ],
)
def test_what_waits_is_told_beside_the_numbers_it_may_touch(
    told: CommandLine, arguments: tuple[str, ...], count: int
) -> None:
    good = next(encode(each) for each in events() if str(each.cell) == "rescued/VNM/KHM")
    wrong = Poison("wrong_key", "incidentlog.rescue-reported", 0, b"rescued/vnm/khm", good, "")
    append(told.memory, Topics(), [wrong])
    condemn(told.memory, Topics())
    remark = "1 dead letter may be missing here: incidentlog dlq list\n"
    for form in ("--table", "--json"):
        called = told(*arguments, form)
        assert (called.status, called.err) == (0, remark * count)
    told("dlq", "redrive", "--all")
    assert told(*arguments, "--json").err == ""


def test_rows_say_how_many_letters_may_touch_them(told: CommandLine, tmp_path: Path) -> None:
    def shown(*arguments: str) -> dict[str, int]:
        return {row["key"]: row["dead_letters"] for row in told("watch", *arguments, "--once", "--json").objects()}

    assert not any(shown("rescued-by-nationality").values())
    good = next(encode(each) for each in events() if str(each.cell) == "rescued/VNM/KHM")
    append(told.memory, Topics(), [Poison("wrong_key", "incidentlog.rescue-reported", 0, b"rescued/vnm/khm", good, "")])
    condemn(told.memory, Topics())
    assert {key for key, count in shown("rescued-by-nationality").items() if count} == {"VNM", "*"}
    assert {key for key, count in shown("estimates").items() if count} == {"rescued/VNM/KHM"}
    table = told("watch", "rescued-by-nationality", "--once", "--table").out
    assert [line.split()[0] for line in table.splitlines() if "1 dead" in line] == ["VNM", "*"]
    file = tmp_path / "rescued.csv"
    exported = told("export", "rescued-by-nationality", str(file))
    assert "1 dead letter may be missing here" in exported.err
    with file.open(newline="", encoding="utf-8") as stream:
        rows = {row["key"]: row["dead_letters"] for row in csv.DictReader(stream)}
    assert rows == {key: str(count) for key, count in shown("rescued-by-nationality").items()}
    told("dlq", "redrive", "--all")
    assert not any(shown("rescued-by-nationality").values())


def test_who_may_not_read_letters_sees_rows_all_the_same(
    told: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def denied(*_: object) -> None:
        raise AccessDenied("kafka:9092", "User:reader", "read", "topic", "incidentlog.dead-letters")

    monkeypatch.setattr("incidentlog.cli.waiting.letters", denied)
    rows = told("watch", "rescued-by-nationality", "--once", "--json")
    assert {row["dead_letters"] for row in rows.objects()} == {None}
    assert (rows.status, rows.err) == (0, UNTOLD + "\n")
    assert told("watch", "rescued-by-nationality", "--once", "--table").err == UNTOLD + "\n"
    exported = told("export", "rescued-by-nationality", str(tmp_path / "rescued.jsonl"))
    assert (exported.status, exported.err) == (0, UNTOLD + "\n")


def test_a_list_may_fail_while_letters_are_open(call: CommandLine, bad: Bad) -> None:
    assert call("dlq", "list", "--json").status == 0
    assert call("dlq", "list", "--fail", "--json").status == 1
    assert call("dlq", "list", "--fail", "--table").status == 1
    assert call("dlq", "list", "--fail", "--type", "NoSuchType").status == 0
    call("dlq", "redrive", "--reason", "wrong_key")
    assert call("dlq", "list", "--fail", "--reason", "wrong_key", "--all").status == 0


def test_what_cannot_be_read_may_touch_whatever_its_topic_counts_in(told: CommandLine) -> None:
    append(told.memory, Topics(), [Poison("invalid_json", "incidentlog.arrest-made", 0, b"?", b"{", "")])
    condemn(told.memory, Topics())
    assert "1 dead letter may be missing" in told("why", "arrests-by-place", "KHM").err
    assert told("why", "rescued-by-nationality", "VNM").err == ""


def test_without_a_topic_for_what_was_redriven_numbers_are_shown_all_the_same(told: CommandLine) -> None:
    told.memory.delete([Topics().redriven])
    assert told("why", "rescued-by-nationality", "VNM").status == 0


def test_what_strangers_wrote_steers_no_terminal(call: CommandLine) -> None:
    evil = "\x1b]0;owned\x07[red]\x1b[2J"
    append(
        call.memory, Topics(), [Poison("invalid_json", "incidentlog.arrest-made", 0, evil.encode(), evil.encode(), "")]
    )
    condemn(call.memory, Topics())
    [line] = listed(call)
    assert line["key"] == evil
    for arguments in (["list"], ["show", line["id"]], ["redrive", "--all", "--dry-run"]):
        shown = call("dlq", *arguments, "--table").out
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "[red]" in shown or arguments[0] == "redrive"
    assert "\\x1b]0;owned\\x07[red]\\x1b[2J" in call("dlq", "show", line["id"], "--table").out
