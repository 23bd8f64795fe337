"""What is said about a sheet that is wrong: file, line, field, problem, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import SheetError, compile_sheet

HEAD = f"""\
article:
  sha256: {"0" * 64}
published: 2022-09-22
said_on: 2022-09-22
authority: VN-MOFA
in: KHM
statements:
"""


def findings(text: str) -> list[str]:
    with pytest.raises(SheetError) as caught:
        compile_sheet(text, registers=builtin(), name="s2.yaml")
    return str(caught.value).splitlines()


def statement(*lines: str, ref: str = "A-1") -> str:
    return "".join([f"  - ref: {ref}\n", *(f"    {line}\n" for line in lines)])


RESCUED = ("reports: rescued", "of: Vietnamese", "quantity: 40", "until: 2022-09-21")
MET = ("did: MeetingHeld", "on: 2022-09-21")

CASES: dict[str, tuple[str, str]] = {
    "misspelt phrase": (
        statement("quantity: abuot 600", "reports: rescued"),
        '9: quantity: cannot read "abuot 600"; write for example about 600, more than 1,000, dozens',
    ),
    "no quantity": (
        statement("reports: rescued"),
        "8: quantity: is missing; write the source's words, such as about 600, or unstated",
    ),
    "bounds that fall": (
        statement("quantity: {low: 5, best: 3}", "reports: rescued"),
        "9: quantity: 5, 3 fall; low, best and high must rise",
    ),
    "field of the bounds": (
        statement("quantity: {low: 5, hihg: 8}", "reports: rescued"),
        "9: hihg: is not a field here; did you mean high?",
    ),
    "quantity as a list": (
        statement("quantity: [5]", "reports: rescued"),
        "9: quantity: cannot be a list; write for example about 600, more than 1,000, dozens, or {low: 0, high: 94}",
    ),
    "another word for a field": (statement("place: KH-18"), "9: place: is not a field here; did you mean in?"),
    "misspelt field": (statement("reprots: rescued"), "9: reprots: is not a field here; did you mean reports?"),
    "misspelt action": (
        statement("did: MeetingHold"),
        '9: did: "MeetingHold" is not one of its words; did you mean MeetingHeld?',
    ),
    "neither count nor action": (
        statement("of: Vietnamese"),
        "8: ref: A-1 says neither what it reports nor what officials did; write reports: MEASURE, or did: ACTION",
    ),
    "count and action": (
        statement(*RESCUED, "did: MeetingHeld"),
        "8: ref: A-1 says both reports and did; write reports: MEASURE, or did: ACTION",
    ),
    "field of actions": (statement("unit: person", *RESCUED), "9: unit: belongs to an official action; leave it out"),
    "field of counts": (statement("grade: firm", *MET), "9: grade: belongs to a count; leave it out"),
    "a place that is none": (
        statement("in: Cambodja", *RESCUED),
        '9: in: "Cambodja" is no country or subdivision; write a code such as KHM or KH-12',
    ),
    "several places of a count": (
        statement("in: [KHM, LAO]", *RESCUED),
        "9: in: a count has one place; write the country left, or one statement per country",
    ),
    "addressee": (
        statement("to: Nowhere", *MET),
        '9: to: "Nowhere" is no country or subdivision; write a code such as KHM or KH-12',
    ),
    "two ways to say when": (
        statement("on: 2022-09-01", *RESCUED),
        "9: on: on and until exclude each other; keep one, or since with until",
    ),
    "a window for a day": (
        statement("on: 2022-09-01/2022-09-03", *RESCUED[:3]),
        "9: on: '2022-09-01/2022-09-03' is a window; write during: 2022-09-01/2022-09-03, or one day here",
    ),
    "a window without beginning": (
        statement("during: ../2022-09-03", *RESCUED[:3]),
        "9: during: '../2022-09-03' has no beginning; write until: 2022-09-03",
    ),
    "a window that ends before it starts": (
        statement("during: 2022-09-08/2022-09-01", *RESCUED[:3]),
        "9: during: '2022-09-08/2022-09-01' ends before it starts; write the earlier side first",
    ),
    "a day not in the calendar": (
        statement("until: 2022-09-31", *RESCUED[:3]),
        "9: until: '2022-09-31' is not in the calendar; check '2022-09-31'",
    ),
    "a stock with a running total": (
        statement("until: 2022-09-09", "reports: missing", "quantity: 30"),
        "9: until: missing has no running total; write on: 2022-09-09",
    ),
    "a stock over a month": (
        statement("on: 2022-09", "reports: missing", "quantity: 30"),
        "9: on: missing is counted on one day; write on: 2022-09-09",
    ),
    "a plan with a running total": (
        statement("until: 2022-09-09", "reports: repatriation_planned", "quantity: 30"),
        "9: until: repatriation_planned has no running total; write on: 2022-08-22 or during: 2022-08-22/2022-08-31",
    ),
    "deadline": (
        statement("deadline: 2022-02-31", *MET),
        "9: deadline: '2022-02-31' is not in the calendar; write a day such as 2022-09-24",
    ),
    "a deadline that is no day": (
        statement("deadline: 24 September", *MET),
        '9: deadline: cannot be "24 September"; write a day such as 2022-09-24',
    ),
    "unknown ref": (
        statement("part_of: A-2", *RESCUED),
        ('9: part_of: no statement "A-2" in this sheet; '
         "did you mean A-1? (a statement of another article is NAME/REF, with NAME under other_articles)"),
    ),
    "unknown article": (
        statement("related: [S9/X]", *RESCUED),
        '9: related: no article is called "S9"; name it under other_articles',
    ),
    "a part of itself": (
        statement("part_of: A-1", *RESCUED),
        "9: part_of: A-1 lies in itself this way; leave out one part_of of A-1",
    ),
    "a part elsewhere": (
        statement("part_of: A-2", *RESCUED) + statement(*MET, ref="A-2"),
        "9: part_of: A-2 counts nothing; a part lies in a counted statement, use related",
    ),
    "a part of other people": (
        statement("part_of: A-2", *RESCUED) + statement("of: Malaysian", *RESCUED[::2], ref="A-2"),
        "9: part_of: A-2 is of MYS, this of VNM; a container is of the same people or of several",
    ),
    "a part under another measure": (
        statement("part_of: A-2", *RESCUED) + statement("reports: found", *RESCUED[1:], ref="A-2"),
        "9: part_of: A-2 is in found/VNM/KHM, this in rescued/VNM/KHM; measure and host must agree, else use related",
    ),
    "another utterance": (
        statement("same_statement: A-2", *RESCUED) + statement("reports: found", *RESCUED[1:], ref="A-2"),
        ("9: same_statement: A-2 is in found/VNM/KHM, this in rescued/VNM/KHM; "
         "wordings of one utterance share measure, people and host"),
    ),
    "wordings in a circle": (
        statement("same_statement: A-1", *RESCUED),
        "9: same_statement: A-1 and A-1 name each other; leave it out of one of them",
    ),
    "offsets": (
        statement("evidence: [[9, 3]]", *RESCUED),
        "9: evidence: [9, 3] ends before it starts; write [first character, one past the last]",
    ),
    "offsets without pairs": (
        statement("evidence: [3]", *RESCUED),
        "9: evidence: cannot be a whole number; write pairs of characters such as [[120, 168]]",
    ),
    "a name in a note": (
        statement("note: They spoke with Somchai Example at noon.", *RESCUED),
        "9: note: may name a person or a venue (Somchai, Example); write the office or the province, or leave it out",
    ),
    "a long note": (
        statement(f"note: {'a' * 281}", *RESCUED),
        "9: note: has 281 characters, more than 280; shorten it",
    ),
    "a number too large": (
        statement("quantity: 40000000000", "reports: rescued"),
        "9: quantity: '40000000000' goes beyond 1,000,000,000, the largest count kept",
    ),
    "ref taken": (
        statement(*RESCUED) + statement(*MET),
        "13: ref: A-1 is taken; give every statement a label of its own",
    ),
    "no ref": (
        "  - reports: rescued\n",
        "8: ref: is missing; write a label such as S2-03: letters, digits and . _ : -",
    ),
    "a field twice": (statement(*RESCUED, "of: Vietnamese"), "13: of: stands here a second time; keep one of the two"),
    "nothing under also": (
        statement("also: []", *RESCUED),
        "9: also: has 0 entries; give it at least one statement, or leave it out",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_finding_and_what_to_write(case: tuple[str, str]) -> None:
    text, expected = case
    assert findings(HEAD + text) == [f"s2.yaml:{expected}"]


@pytest.mark.parametrize(
    ("field", "wrong", "near"),
    [("of", "Vietnamise", "vietnamese"), ("authority", "VN-MOFFA", "VN-MOFA"), ("via", "KHMER-TIME", "KHMER-TIMES"),
     ("reports", "rescud", "rescued")],
)  # fmt: skip
def test_words_that_are_not_registered_get_the_nearest(field: str, wrong: str, near: str) -> None:
    lines = [f"{field}: {wrong}", *(line for line in RESCUED if not line.startswith(field))]
    (found,) = findings(HEAD + statement(*lines))
    assert found.startswith(f"s2.yaml:9: {field}: ")
    assert f"did you mean {near}" in found


def test_all_findings_at_once_in_the_order_of_the_file() -> None:
    text = HEAD.replace("2022-09-22\nsaid_on: 2022-09-22", "2022-13\nsaid_on: 2022-02-30").replace("0" * 64, "abc")
    text += statement("reprots: rescued") + statement("quantity: 1O", *RESCUED[:2], "until: 2022-09-2l", ref="A-2")
    assert [line.split(";")[0] for line in findings(text)] == [
        's2.yaml:2: sha256: cannot be "abc"',
        "s2.yaml:3: published: '2022-13' is not in the calendar",
        "s2.yaml:4: said_on: '2022-02-30' is not in the calendar",
        "s2.yaml:9: reprots: is not a field here",
        's2.yaml:11: quantity: cannot read "1O"',
        "s2.yaml:14: until: '2022-09-2l' is not a date this log reads",
    ]  # fmt: skip


def test_a_link_to_a_statement_with_findings_is_no_finding() -> None:
    text = (
        HEAD + statement("quantity: abuot 3", "reports: rescued") + statement("part_of: A-1", *RESCUED[:3], ref="A-2")
    )
    assert len(findings(text)) == 1


def test_what_the_head_gives_is_reported_where_it_stands_and_once() -> None:
    text = HEAD.replace("VN-MOFA", "VN-MOFFA") + statement(*RESCUED) + statement(*RESCUED, ref="A-2")
    (found,) = findings(text)
    assert found.startswith("s2.yaml:5: authority: 'VN-MOFFA' is not registered")


def test_nothing_says_when() -> None:
    text = HEAD.replace("said_on: 2022-09-22\n", "") + statement(*RESCUED[:3])
    assert findings(text) == [
        "s2.yaml:7: ref: does not say when; add until, on or during, or said_on at the top of the sheet"
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1: is empty; start with article, published and statements"),
        (b"- 3\n", "1: cannot be a list; write a block of fields"),
        (b"\xff\xfe", "1: is not UTF-8 at byte 0; save it as UTF-8"),
        (b"a: &a [*a]\n", "1: aliases repeat without end; write it out"),
        (b"article:\n\t- a: b\n", ("2: is not YAML here: found character '\\t' that cannot start any token; "
                                  "check the indentation, and put text with a colon or a quote mark in quotes")),
        (b"{}", "1: article: is missing; the article's identity; never its text"),
    ],
)  # fmt: skip
def test_files_that_are_no_sheet(content: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "s2.yaml"
    file.write_bytes(content)
    with pytest.raises(SheetError) as caught:
        compile_sheet(file, registers=builtin(), name="s2.yaml")
    assert str(caught.value).splitlines()[0] == f"s2.yaml:{expected}"


def test_nested_beyond_all_measure() -> None:
    assert findings("[" * 5000)[0].startswith("s2.yaml:1: is not YAML")


def test_aliases_that_multiply() -> None:
    rows = [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]" for n in range(8)]
    assert findings("a: &a [x, y]\n" + "\n".join(rows))[0].endswith("aliases repeat without end; write it out")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="cannot be read: No such file or directory; check the path"):
        compile_sheet(tmp_path / "none.yaml", registers=builtin())


def test_the_error_carries_its_findings() -> None:
    with pytest.raises(IncidentlogError) as caught:
        compile_sheet(HEAD + statement("quantity: abuot 600", "reports: rescued"), registers=builtin(), name="s2.yaml")
    assert isinstance(caught.value, SheetError)
    (found,) = caught.value.findings
    assert (found.file, found.line, found.column, found.field) == ("s2.yaml", 9, 5, "quantity")
    assert found.instead == "write for example about 600, more than 1,000, dozens"


@pytest.mark.parametrize(
    "address", ["https://example.org/a?utm_source=x", "https://example.org/a#top", "example.org/a"]
)
def test_addresses_that_are_not_canonical(address: str) -> None:
    text = HEAD.replace("published", f'  address: "{address}"\npublished') + statement(*RESCUED)
    (found,) = findings(text)
    assert found.startswith("s2.yaml:3: address: ")


def test_an_older_total_told_again_is_not_a_wording_of_the_new_one() -> None:
    recalled = statement(*RESCUED) + statement("reports: rescued", "of: Vietnamese", "quantity: 30", "until: 2022-09-10",
                                               ref="A-2")  # fmt: skip
    (finding,) = findings(HEAD + recalled)
    assert finding == (
        "s2.yaml:4: said_on: would be one utterance with A-1, but ends on 2022-09-10, not 2022-09-21; "
        "write said_on: the day each was said, or same_statement: A-1 if they are wordings of one"
    )
    earlier = recalled + "    said_on: 2022-09-10\n"
    assert len({event.data.statement_key for event in compile_sheet(HEAD + earlier).events}) == 2  # type: ignore[union-attr]
