"""`replay`, `diff`, `promote`, `versions` and `timeline` against a broker in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from incidentlog.client.ports import TopicPartition
from incidentlog.schemas.topics import Topics
from incidentlog.sheets import shipped
from support.commands import CommandLine

RESCUED = "rescued-by-nationality"
#: The articles as they might come in: the oldest is not the first, the newest not the last.
ORDER = ("s1", "s0", "s2", "s3", "s4")
VNM = {"2022-08-31": (450, 500, 550), "2022-09-10": (540, 600, 660), "2022-09-25": (1000, 1000, None)}


@pytest.fixture
def before_s2(call: CommandLine, tmp_path: Path) -> str:
    """The articles are published one after another and folded; the moment just before S2 was."""
    moment = ""
    files = {file.name[:2]: file for file in shipped()}
    for name in ORDER:
        if name == "s2":
            moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        sheet = tmp_path / f"{name}.yaml"
        sheet.write_text(files[name].read_text())
        assert call("publish", str(sheet)).status == 0
    call.work()
    return moment


def number(call: CommandLine, *options: str) -> tuple[int, int | None, int | None]:
    """What a replay says of Vietnamese who were rescued."""
    called = call("replay", RESCUED, *options)
    assert called.status == 0
    [row] = [row for row in called.objects() if row["key"] == "VNM"]
    return row["low"], row["best"], row["high"]


def test_any_day_and_any_moment(call: CommandLine, before_s2: str) -> None:
    for day, bounds in VNM.items():
        assert number(call, "--as-of", day) == bounds
    assert number(call, "--known-at", before_s2) == (540, 600, 660)
    assert number(call) == (1000, 1000, None)
    shown = call("replay", RESCUED, "--table", "--as-of", "2022-09-10")
    assert "540    600    660" in shown.out
    assert shown.err == "93 events folded\n"


@pytest.mark.usefixtures("before_s2")
def test_history_may_end_at_an_offset(call: CommandLine) -> None:
    topic = Topics().events("RescueReported")
    ends = [f"--to={topic}:{partition}:0" for partition in range(Topics().partitions)]
    called = call("replay", RESCUED, *ends)
    assert (called.status, called.out) == (0, "")
    assert call("replay", "repatriated-by-nationality", *ends).objects()


@pytest.mark.usefixtures("before_s2")
def test_what_no_fold_would_take_is_counted_and_left_out(call: CommandLine) -> None:
    call.memory.put(Topics().events("RescueReported"), "rescued/VNM/KHM", b"{}")
    called = call("replay", RESCUED, "--table")
    assert called.err == "93 events folded, 1 record refused\n"


def test_a_replay_goes_on_from_an_export(empty: CommandLine, tmp_path: Path) -> None:
    call, saved = empty, str(tmp_path / "saved.jsonl")
    call.memory.create([*Topics().all(), *Topics("empty").all()])
    sheets = {file.name[:2]: str(file) for file in shipped()}
    for name in ORDER[:2]:
        call("publish", sheets[name])
    assert call("export", "events", saved).status == 0
    topic = Topics().events("RescueReported")
    first = next(log.records for p in range(4) if (log := call.memory.log(TopicPartition(topic, p))).records)
    before = call("replay", RESCUED).objects()
    for name in ORDER[2:]:
        call("publish", sheets[name])
    whole = call("replay", RESCUED).objects()
    first[0] = replace(first[0], value=b"{}")  # what the export holds is not read from the log
    assert "1 record refused" in call("replay", RESCUED, "--table").err
    assert call("replay", RESCUED, "--from", saved, "--table").err == "93 events folded\n"
    assert call("replay", RESCUED, "--from", saved).objects() == whole != before
    refused = call("replay", RESCUED, "--from", saved, "--prefix", "empty")
    assert (refused.status, refused.out) == (1, "")
    assert "but the log ends at 0: it is of another log" in refused.err
    assert (
        "goes further already"
        in call("replay", RESCUED, "--from", saved, *(f"--to={topic}:{p}:0" for p in range(4))).err
    )
    (tmp_path / "saved.jsonl").write_bytes((tmp_path / "saved.jsonl").read_bytes()[:3000])
    assert "the file was cut off" in call("replay", RESCUED, "--from", saved).err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "PROJECTION: name a projection to be shown, or a version with --into, one of the two"),
        ((RESCUED, "--into", "v2"), "PROJECTION: name a projection"),
        ((RESCUED, "--rate", "5"), "--rate: it holds back a replay --into a version"),
        ((RESCUED, "--to", "topic:1"), "--to: 'topic:1' is not TOPIC:PARTITION:OFFSET"),
        ((RESCUED, "--as-of", "yesterday"), "--as-of: "),
        (("rescued",), "no projection is called 'rescued'; did you mean"),
        (("--into", "v2", "--to", "t:0:1"), "--to: a version is folded to the present"),
    ],
)
def test_wrong_calls(call: CommandLine, arguments: tuple[str, ...], told: str) -> None:
    called = call("replay", *arguments)
    assert (called.status, called.out) == (2, "")
    assert told in called.err


@pytest.mark.usefixtures("before_s2")
def test_versions_compared_promoted_and_retired(call: CommandLine) -> None:
    call.work("v2")
    call.work("early", until=date(2022, 9, 10).toordinal())
    same = call("diff", RESCUED, "v1", "v2", "--table")
    assert (same.status, same.out, same.err) == (0, "", "0 rows differ between v1 and v2\n")
    found = call("diff", RESCUED, "v1", "early")
    assert found.status == 1
    vnm = next(each for each in found.objects() if each["key"] == "VNM")
    assert (vnm["left"]["low"], vnm["right"]["low"]) == (1000, 540)
    assert "540 / 600 / 660" in call("diff", RESCUED, "v1", "early", "--table").out
    assert call("diff", RESCUED, "v1", "v9").err.startswith(
        "incidentlog: no version is called v9: there is early, v1, v2"
    )
    assert call("promote", "early").err.startswith("early is live, in place of v1\n")
    assert call("promote", "early").err == "early is live already\n"
    assert [row["low"] for row in call("watch", RESCUED, "--once").objects() if row["key"] == "VNM"] == [540]
    told = {line["version"]: line for line in call("versions").objects()}
    assert {name: line["live"] for name, line in told.items()} == {"early": True, "v1": False, "v2": False}
    assert all(line["complete"] for line in told.values())
    assert call("versions", "retire", "early").status == 1
    assert call("versions", "retire", "v1").err == "v1 is gone: 10 topics deleted; the events are all there\n"
    assert call("publish", "--articles").objects() == [{"appended": 0, "known": 93, "refused": 0}]


@pytest.mark.usefixtures("before_s2")
@pytest.mark.parametrize("source", [(), ("--articles",)])
def test_timeline(call: CommandLine, tmp_path: Path, source: tuple[str, ...]) -> None:
    picture = tmp_path / "vnm.svg"
    points = call("timeline", RESCUED, "VNM", *source, "--picture", str(picture)).objects()
    grown = [(each["at"], (each["low"], each["best"], each["high"])) for each in points if each["series"] == "grown"]
    assert grown[:3] == [
        ("2022-08-25", VNM["2022-08-31"]),
        ("2022-09-06", VNM["2022-09-10"]),
        ("2022-09-21", VNM["2022-09-25"]),
    ]
    learned = [(each["low"], each["best"], each["high"]) for each in points if each["series"] == "learned"]
    assert learned[:3] == list(VNM.values())
    assert 'id="open"' in picture.read_text()
    assert "rescued-by-nationality VNM" in picture.read_text()
    assert "2022-09-06    540    600    660" in call("timeline", RESCUED, "VNM", *source, "--table").out


def test_a_timeline_of_what_has_no_numbers(call: CommandLine) -> None:
    called = call("timeline", "official-actions", "x", "--articles")
    assert (called.status, called.out) == (2, "")
