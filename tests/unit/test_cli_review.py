"""`review grade`, `correct`, `retract`, `redact` and `undo`: the codebook's numbers, shown before they come true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from support.articles import Bounds, event
from support.commands import Called, CommandLine

BY = ("--by", "DATA-DESK")
WITHDREW, WRONG = ("--reason", "source_withdrew"), ("--reason", "coding_error")
POSSIBLE = ("S3-12r", "S3-13r", "S3-14r", "S3-15r", "S3-16r", "S3-17r")
Numbers = dict[str, Bounds]
CORRECTED = """
article: {sha256: 2222222222222222222222222222222222222222222222222222222222222222}
published: 2022-10-08
authority: PH-DFA
in: MMR
statements:
  - {ref: E-2, reports: rescued, of: Filipino, quantity: "250", until: 2022-10-08}
"""


def review(call: CommandLine, *arguments: str) -> Called:
    called = call("review", *arguments, *BY, "--json")
    assert called.status == 0, called.err
    return called


def numbers(called: Called, side: str = "after") -> Numbers:
    """The numbers shown, by key, with the roll-up's name in front where it is one."""
    found = {}
    for line in called.objects():
        if "key" in line and line[side] is not None and "low" in line[side]:
            name = line["key"] if line["projection"] == "estimates" else f"{line['projection']} {line['key']}"
            found[name] = (line[side]["low"], line[side]["best"], line[side]["high"])
    return found


def folded(call: CommandLine, names: Numbers) -> Numbers:
    """What the worker comes to for the numbers of these names."""
    call.work()
    found = {}
    for projection in {name.rpartition(" ")[0] or "estimates" for name in names}:
        for row in call("watch", projection, "--once", "--json").objects():
            name = row["key"] if projection == "estimates" else f"{projection} {row['key']}"
            if name in names:
                found[name] = (row["low"], row["best"], row["high"])
    return found


def log(call: CommandLine) -> dict[str, Any]:
    return {topic: call.memory.records(topic) for topic in call.memory.names()}


def test_a_retraction_of_the_newest_total_falls_back(told: CommandLine) -> None:
    before = log(told)
    shown = review(told, "retract", "S2-03", *WITHDREW, "--all-wordings", "--dry-run")
    assert log(told) == before
    assert numbers(shown, "before") == {
        "rescued/VNM/KHM": (1000, 1000, None),
        "rescued-by-nationality VNM": (1000, 1000, None),
        "rescued-by-nationality *": (1024, 1024, None),
    }
    assert numbers(shown) == {
        "rescued/VNM/KHM": (810, 810, 1138),
        "rescued-by-nationality VNM": (810, 810, 1138),
        "rescued-by-nationality *": (834, 834, None),
    }
    assert numbers(review(told, "retract", "S2-03", *WITHDREW, "--all-wordings", "--yes")) == numbers(shown)
    assert folded(told, numbers(shown)) == numbers(shown)
    undone = review(told, "undo", "S2-03", "--yes")
    assert numbers(undone) == numbers(shown, "before") == folded(told, numbers(shown))


def test_one_wording_less_changes_no_number(told: CommandLine) -> None:
    shown = review(told, "retract", "S2-03", *WITHDREW, "--yes")
    assert numbers(shown) == numbers(shown, "before") == folded(told, numbers(shown))
    shown = review(told, "retract", "S2-02", *WITHDREW, "--yes")
    assert numbers(shown)["rescued/VNM/KHM"] == (810, 810, 1138)
    assert folded(told, numbers(shown)) == numbers(shown)


@pytest.mark.parametrize(
    ("refs", "number", "expected"),
    [
        (["S4-05a"], "arrested/XXX/KHM", (156, 156, 215)),
        (["S4-05", "S2-06"], "sites_raided/XXX/KHM", (88, 88, 88)),
    ],
)
def test_what_the_codebook_says_without_plurals(
    told: CommandLine, refs: list[str], number: str, expected: Bounds
) -> None:
    called = [review(told, "retract", ref, *WRONG, "--yes", "--in", number) for ref in refs]
    assert numbers(called[-1])[number] == expected
    assert folded(told, numbers(called[-1])) == numbers(called[-1])


def test_grading_the_possible_rescues_firm(told: CommandLine) -> None:
    found: Numbers = {}
    for ref in POSSIBLE:
        found |= numbers(review(told, "grade", ref, "firm", *WRONG, "--yes"))
    of = "rescued-by-nationality"
    assert {name: found[f"{of} {name}"] for name in ("VNM", "MYS", "CHN", "IND", "BGD", "TWN")} == {
        "VNM": (1038, 1038, None),
        "MYS": (33, 33, None),
        "CHN": (37, 37, None),
        "IND": (6, 6, 6),
        "BGD": (1, 1, 1),
        "TWN": (2, 2, 2),
    }
    assert folded(told, found) == found
    for ref in reversed(POSSIBLE):
        found |= numbers(review(told, "undo", ref, "--yes"))
    assert found[f"{of} *"] == (1024, 1024, None)
    assert folded(told, found) == found


def test_a_correction_replaces_the_number(told: CommandLine, tmp_path: Path) -> None:
    sheet = tmp_path / "e2.yaml"
    sheet.write_text(CORRECTED)
    assert told("publish", str(sheet)).status == 0
    shown = review(told, "correct", "E-2", "--quantity", "205", "--reason", "source_corrected", "--yes")
    assert numbers(shown, "before")["rescued/PHL/MMR"] == (250, 250, 250)
    assert numbers(shown) == {
        "rescued/PHL/MMR": (205, 205, 205),
        "rescued-by-nationality PHL": (205, 205, 205),
        "rescued-by-nationality *": (1229, 1229, None),
    }
    assert folded(told, numbers(shown)) == numbers(shown)


def test_the_last_correction_counts_and_undoing_goes_back_one_step_at_a_time(told: CommandLine) -> None:
    number = "missing/MYS/KHM"
    assert numbers(review(told, "correct", "S4-16", "--quantity", "12", *WRONG, "--yes"))[number] == (12, 12, 12)
    for wanted in (13, 14, 15, 16):
        shown = review(told, "correct", "S4-16", "--quantity", str(wanted), *WRONG, "--yes")
        assert numbers(shown, "before")[number] == (wanted - 1, wanted - 1, wanted - 1)
        assert numbers(shown)[number] == (wanted, wanted, wanted) == folded(told, numbers(shown))[number]
    for wanted in (15, 14, 13, 12):
        assert numbers(review(told, "undo", "S4-16", "--yes"))[number] == (wanted, wanted, wanted)
    shown = review(told, "undo", "S4-16", "--yes")
    assert numbers(shown)[number] == (30, 30, None) == folded(told, numbers(shown))[number]
    nothing = told("review", "undo", "S4-16", *BY, "--yes")
    assert (nothing.status, nothing.err) == (2, "incidentlog: no event about S4-16 holds: there is nothing to undo\n")


def test_any_verdict_can_be_undone_by_its_id_and_that_again(told: CommandLine) -> None:
    number = "missing/MYS/KHM"
    first = review(told, "correct", "S4-16", "--quantity", "12", *WRONG, "--yes").objects()[-1]["event"]
    review(told, "grade", "S4-16", "possible", *WRONG, "--yes")
    undone = review(told, "undo", first, "--yes")
    assert numbers(undone)[number] == (0, None, None)
    again = review(told, "undo", undone.objects()[-1]["event"], "--yes")
    assert numbers(again)[number] == (0, None, 12) == folded(told, numbers(again))[number]
    twice = told("review", "undo", undone.objects()[-1]["event"], *BY, "--yes")
    assert twice.status == 2
    assert "was undone already: nothing to do" in twice.err


def test_a_redaction_erases_the_paraphrase_and_nothing_else(told: CommandLine) -> None:
    claim = event("S2-03")
    note = "The ministry spoke of more than a thousand people."
    told("review", "correct", "S2-03", "--quantity", "over 1,001", "--note", note, *WRONG, *BY, "--yes")
    assert noted(told, claim.id) == note
    only = told("review", "redact", "S2-03", *WRONG, *BY, "--dry-run", "--table")
    assert "1 paraphrase would be erased for good; no number changes" in only.err
    assert only.out.count("unchanged") == 3
    assert note not in only.out + only.err
    assert noted(told, claim.id) == note
    shown = review(told, "redact", "S2-03", *WRONG, "--yes")
    assert numbers(shown) == numbers(shown, "before") == folded(told, numbers(shown))
    assert noted(told, claim.id) is None
    for verb in (("redact", "S2-03", *WRONG), ("undo", "S2-03"), ("undo", shown.objects()[-1]["event"])):
        assert told("review", *verb, *BY, "--yes").status == 2
    assert "what it erased is gone" in told("review", "undo", "S2-03", *BY, "--yes").err


def noted(call: CommandLine, claim: str) -> str | None:
    """The paraphrase on the notes topic."""
    found = None
    for record in call.memory.records("incidentlog.notes"):
        if record.key == claim.encode():
            found = None if record.value is None else orjson.loads(record.value)["note"]
    return found


def test_without_a_terminal_nothing_is_asked_and_nothing_done(told: CommandLine) -> None:
    before = log(told)
    called = told("review", "retract", "S2-03", *WITHDREW, *BY)
    assert (called.status, called.out) == (2, "")
    assert "see what it would do with --dry-run, then append it with --yes" in called.err
    assert log(told) == before


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_on_a_terminal_it_asks(told: CommandLine, monkeypatch: pytest.MonkeyPatch, answer: str, status: int) -> None:
    asked: list[str] = []

    def confirm(question: str, **_: Any) -> bool:
        asked.append(question)
        return answer == "y\n"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", confirm)
    before = log(told)
    called = told("review", "retract", "S2-03", *WITHDREW, *BY, "--table")
    assert (called.status, asked) == (status, ["Append it?"])
    assert "ClaimRetracted: S2-03 in rescued/VNM/KHM, by DATA-DESK, source_withdrew" in called.err
    assert (log(told) != before) is (status == 0)
    assert ("nothing was appended" in called.err) is (status == 1)


@pytest.mark.parametrize(
    ("arguments", "told_so"),
    [
        (("retract", "S9-99", *WITHDREW, *BY), "nothing in the log is called 'S9-99'"),
        (("retract", "S2-03", *WITHDREW, *BY, "--in", "rescued/MYS/KHM"), "nothing in the log in rescued/MYS/KHM"),
        (("retract", "S2-03", *WITHDREW, "--by", "NAMELIKE-EDITOR"), "NAMELIKE in NAMELIKE-EDITOR may be a person's name"),
        (("retract", "S2-03", *WITHDREW, "--by", "A Person"), "never write a person's name"),
        (("retract", "S2-03", "--reason", "mood", *BY), "'mood' is none of them"),
        (("grade", "S2-03", "sure", *WRONG, *BY), "'sure' is none of them"),
        (("grade", "S2-03", "firm", *WRONG, *BY), "S2-03 is graded firm: nothing to do"),
        (("grade", "S2-07", "firm", *WRONG, *BY), "only counted claims have one of these"),
        (("correct", "S2-03", *WRONG, *BY), "say what is right with it"),
        (("correct", "S2-03", "--quantity", "a few", *WRONG, *BY), "S2-03 cannot be corrected so"),
        (("correct", "S2-03", "--quantity", "more than 1000", *WRONG, *BY), "S2-03 says so already: nothing to do"),
        (("correct", "S2-03", "--quantity", "9", "--note", "call 0123 456 789", *WRONG, *BY), "telephone"),
        (("correct", "S2-03", "--quantity", "9", "--published", "soon", *WRONG, *BY), "S2-03 cannot be corrected so"),
        (("undo", "S2-03", *BY), "no event about S2-03 holds"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_line(told: CommandLine, arguments: tuple[str, ...], told_so: str) -> None:
    before = log(told)
    called = told("review", *arguments, "--yes")
    assert called.status == 2, called.err
    assert told_so in called.err
    assert called.err.count("\n") == 1
    assert log(told) == before


def test_a_correction_may_not_move_a_claim(told: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "moved.json"
    file.write_text('{"population": {"nationality": "MYS"}}')
    called = told("review", "correct", "S2-03", "--edit", str(file), *WRONG, *BY, "--yes")
    assert called.status == 2
    assert "may not move a claim from rescued/VNM/KHM to rescued/MYS/KHM" in called.err


def test_an_older_correction_is_outranked(told: CommandLine) -> None:
    newer = ("--quantity", "12", "--published", "2022-10-05")
    review(told, "correct", "S4-16", *newer, *WRONG, "--yes")
    called = told("review", "correct", "S4-16", "--quantity", "13", "--published", "2022-10-01", *WRONG, *BY, "--yes")
    assert called.status == 2
    assert "published by 2022-10-05, which would go on to count" in called.err


def test_a_ref_that_two_articles_use_is_asked_about(told: CommandLine, tmp_path: Path) -> None:
    for number in "12":
        sheet = tmp_path / f"{number}.yaml"
        sheet.write_text(CORRECTED.replace("2" * 64, number * 64).replace("MMR", "LAO" if number == "1" else "MMR"))
        assert told("publish", str(sheet)).status == 0
    called = told("review", "retract", "E-2", *WRONG, *BY, "--yes")
    assert called.status == 2
    assert "name one by its id, or its number with --in" in called.err
    shown = review(told, "retract", "E-2", *WRONG, "--in", "rescued/PHL/LAO", "--yes")
    assert numbers(shown)["rescued/PHL/LAO"] == (0, None, 0) == folded(told, numbers(shown))["rescued/PHL/LAO"]


def test_an_official_action_goes_and_comes_back(told: CommandLine) -> None:
    [line, done] = review(told, "retract", "S2-07", *WRONG, "--yes").objects()
    assert (line["projection"], line["after"], done["outcome"]) == ("official-actions", None, "appended")
    [line, _] = review(told, "undo", "S2-07", "--yes").objects()
    assert (line["before"], line["after"]["ref"]) == (None, "S2-07")
