"""From a sheet's few words to whole events."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from incidentlog.schemas.actions import OfficialAction
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.events import claim_id, dump
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import compile_sheet

SHA = "8e9ad8011e4ee1e96c98c0614b6ba0acb6feabd275d8908ac973b56821a25357"
HEAD = f"""\
article: {{sha256: {SHA}}}
published: {{when: 2022-09-22, inferred: true}}
said_on: 2022-09-22
authority: VN-MOFA
in: KHM
other_articles:
  before: https://example.org/before
statements:
"""


def claims(*statements: str, head: str = HEAD) -> list[CountedClaim]:
    text = head + "".join(f"  - {{{each}}}\n" for each in statements)
    return [
        each.data for each in compile_sheet(text, registers=builtin()).events if isinstance(each.data, CountedClaim)
    ]


def claim(statement: str) -> CountedClaim:
    return claims(f"ref: A, {statement}")[0]


def action(statement: str) -> OfficialAction:
    text = HEAD + f"  - {{ref: A, {statement}}}\n"
    (found,) = compile_sheet(text, registers=builtin()).events
    assert isinstance(found.data, OfficialAction)
    return found.data


def test_a_statement_in_four_lines_is_a_whole_claim() -> None:
    text = HEAD + "  - ref: S2-03\n    reports: rescued\n    of: Vietnamese\n    quantity: more than 1,000\n"
    (found,) = compile_sheet(text + "    until: 2022-09-21\n", registers=builtin()).events
    assert found.type == "RescueReported"
    assert found.source == f"urn:sha256:{SHA}"
    assert found.id == claim_id(found.source, "S2-03")
    assert dump(found.data) == {
        "ref": "S2-03",
        "measure": "rescued",
        "counting_unit": "person",
        "authority": {"id": "VN-MOFA", "standing": "state", "country": "VNM"},
        "occasion": "2022-09-22",
        "statement_key": "VN-MOFA|2022-09-22|rescued|VNM|KHM|cumulative|..",
        "population": {"nationality": "VNM", "as_stated": "Vietnamese"},
        "place": {"country": "KHM"},
        "quantity": {"low": 1000, "best": 1000, "high": None, "qualifier": "at_least", "stated": "more than 1,000"},
        "kind": "cumulative",
        "window": {"edtf": "../2022-09-21", "start": None, "end": "2022-09-21"},
        "published": {"edtf": "2022-09-22", "inferred": True},
        "evidence": {"sha256": SHA},
    }


WHEN: dict[str, tuple[str, str, str | None, str]] = {
    "until: 2022-09-21": ("cumulative", "../2022-09-21", None, "2022-09-21"),
    "since: 2022-09-17, until: 2022-09-28": ("cumulative", "2022-09-17/2022-09-28", "2022-09-17", "2022-09-28"),
    "since: 2022-08, until: 2022-09-12": ("cumulative", "2022-08/2022-09-12", "2022-08-01", "2022-09-12"),
    "since: 2022-09-17": ("cumulative", "2022-09-17/2022-09-22", "2022-09-17", "2022-09-22"),
    "during: 2022-09-01~/2022-09-21": ("increment", "2022-09-01~/2022-09-21", "2022-09-01", "2022-09-21"),
    "on: 2022-09-08": ("increment", "2022-09-08", "2022-09-08", "2022-09-08"),
    "on: 2022-08": ("increment", "2022-08", "2022-08-01", "2022-08-31"),
    "during: 2022": ("increment", "2022", "2022-01-01", "2022-12-31"),
    "grade: firm": ("cumulative", "../2022-09-22", None, "2022-09-22"),
}


@pytest.mark.parametrize(("words", "expected"), WHEN.items())
def test_when(words: str, expected: tuple[str, str, str | None, str]) -> None:
    found = claim(f"reports: rescued, quantity: 5, {words}")
    start = found.window.start.isoformat() if found.window.start else None
    assert (found.kind, found.window.edtf, start, found.window.end.isoformat()) == expected


def test_a_further_number_without_a_day_is_of_that_day_alone() -> None:
    found = claim("reports: rescued, quantity: 24 further")
    assert (found.kind, found.window.start, found.prior_unknown) == ("increment", date(2022, 9, 22), True)


@pytest.mark.parametrize(("measure", "kind"), [("missing", "stock"), ("repatriation_planned", "planned")])
def test_the_measure_decides_what_a_day_means(measure: str, kind: str) -> None:
    for words in ("on: 2022-09-09", "grade: firm"):
        assert claim(f"reports: {measure}, quantity: 5, {words}").kind == kind


def test_a_part_has_its_containers_kind_and_window_unless_stated() -> None:
    found = claims(
        "ref: A, reports: rescued, quantity: 94, of: foreigners, during: 2022-09-01/2022-09-03",
        "ref: B, reports: rescued, quantity: 38, of: Vietnamese, part_of: A",
        "ref: C, reports: rescued, quantity: 9, of: Malaysian, part_of: A, on: 2022-09-02",
        "ref: D, reports: rescued, quantity: 3, of: Vietnamese, part_of: B",
    )
    whole, part, dated, inner = found
    assert (part.kind, part.window) == (inner.kind, inner.window) == (whole.kind, whole.window)
    assert dated.window.edtf == "2022-09-02"
    assert part.part_of == claim_id(f"urn:sha256:{SHA}", "A")


@pytest.mark.parametrize(
    ("said", "occasion"), [("", "2022-09-22"), ("said_on: 2022-09-20, ", "2022-09-20")], ids=["of the sheet", "its own"]
)
def test_occasion(said: str, occasion: str) -> None:
    assert claim(f"reports: rescued, {said}quantity: 5, until: 2022-09-01").occasion.isoformat() == occasion


def test_the_occasion_is_else_the_last_day() -> None:
    head = HEAD.replace("said_on: 2022-09-22\n", "")
    (found,) = claims("ref: A, reports: rescued, quantity: 5, until: 2022-09", head=head)
    assert found.occasion == date(2022, 9, 30)


QUANTITIES: dict[str, tuple[int, int | None, int | None, str, str | None]] = {
    "40": (40, 40, 40, "exact", "40"),
    "about 600": (540, 600, 660, "about", "about 600"),
    '"more than 1,000"': (1000, 1000, None, "at_least", "more than 1,000"),
    "dozens": (12, None, 99, "dozens", "dozens"),
    "many": (2, None, None, "plural", "many"),
    "plural": (2, None, None, "plural", None),
    "unstated": (0, None, None, "unstated", None),
    "{low: 0, high: 94}": (0, None, 94, "outright", None),
    "{low: 1, best: 2, stated: a pair}": (1, 2, None, "outright", "a pair"),
}


@pytest.mark.parametrize(("words", "expected"), QUANTITIES.items())
def test_quantities(words: str, expected: tuple[int, int | None, int | None, str, str | None]) -> None:
    found = claim(f"reports: rescued, quantity: {words}").quantity
    assert (found.low, found.best, found.high, found.qualifier, found.stated) == expected


@pytest.mark.parametrize(
    ("words", "nationality", "as_stated"),
    [
        ("reports: rescued, of: Vietnamese", "VNM", "Vietnamese"),
        ("reports: rescued, of: VNM", "VNM", None),
        ("reports: rescued, of: foreign workers", "QMF", "foreign workers"),
        ("reports: rescued", "XXX", None),
        ("reports: arrested", "XXX", None),
        ("reports: rescue_requests", "QMF", None),
        ("reports: complaints", "QMF", None),
        ("reports: found", "QMF", None),
    ],
)
def test_whose_people(words: str, nationality: str, as_stated: str | None) -> None:
    found = claim(f"{words}, quantity: 5").population
    assert (found.nationality, found.as_stated) == (nationality, as_stated)


@pytest.mark.parametrize(
    ("words", "country", "subdivision"),
    [("", "KHM", None), ("in: KH-12", "KHM", "KH-12"), ("in: VNM", "VNM", None), ("in: Laos", "LAO", None)],
)
def test_where(words: str, country: str, subdivision: str | None) -> None:
    found = claim(f"reports: rescued, quantity: 5, {words}").place
    assert (found.country, found.subdivision) == (country, subdivision)


def test_an_action_has_places_an_addressee_and_a_quantity_of_its_own() -> None:
    found = action("did: RequestMade, in: [VN-47, LAO], to: China, quantity: 3, unit: meeting, deadline: 2022-09-24")
    assert [each.subdivision or each.country for each in found.places] == ["VN-47", "LAO"]
    assert (found.addressee, found.deadline) == ("CHN", date(2022, 9, 24))
    assert found.quantity is not None
    assert (found.quantity.best, found.quantity.counting_unit) == (3, "meeting")
    assert found.window.edtf == "2022-09-22"


def test_an_action_may_have_no_place() -> None:
    assert action("did: MeetingHeld, in: []").places == ()
    assert str(action("did: MeetingHeld, in: []").cell) == "official/XXX/XXX"


def test_also_takes_what_it_does_not_state() -> None:
    first, second, third = claims(
        "ref: A, reports: persons_requested, of: Vietnamese, quantity: 38, part_of: W, evidence: [[1, 9]], via: AP, "
        "also: [{ref: A2, reports: rescued, grade: possible, twin_of: A}, {ref: A3, reports: found, quantity: 2, on: 2022-09-01}]",
        "ref: W, reports: persons_requested, of: foreigners, quantity: 94, during: 2022-09-26/2022-09-28",
    )[:3]
    assert (second.quantity, second.population, second.window, second.kind, second.evidence, second.relayed_by) == (
        first.quantity, first.population, first.window, first.kind, first.evidence, first.relayed_by)  # fmt: skip
    assert (second.grade, second.part_of, second.twin_of) == ("possible", None, claim_id(f"urn:sha256:{SHA}", "A"))
    assert (third.quantity.best, third.window.edtf, third.grade) == (2, "2022-09-01", "firm")


def test_links_to_other_articles_and_to_ids() -> None:
    found = claim(f"reports: rescued, quantity: 5, related: [before/B-1, {'ab' * 16}], twin_of: A")
    assert found.related == (claim_id("https://example.org/before", "B-1"), "ab" * 16)


def test_wordings_share_a_key() -> None:
    bare, same, copied = claims(
        "ref: A, reports: rescued, of: Vietnamese, quantity: over 500, until: 2022-09-21",
        "ref: B, reports: rescued, of: Vietnamese, quantity: about 500, until: 2022-09-22, said_on: 2022-09-23, same_statement: A",
        'ref: C, reports: rescued, of: Vietnamese, quantity: 500, same_statement: "VN-MOFA|2022-09-20|rescued|VNM|KHM|cumulative|.."',
    )
    assert bare.statement_key == same.statement_key == "VN-MOFA|2022-09-22|rescued|VNM|KHM|cumulative|.."
    assert copied.statement_key == "VN-MOFA|2022-09-20|rescued|VNM|KHM|cumulative|.."


def test_the_articles_identity() -> None:
    text = "  - {ref: A, did: MeetingHeld}\n"
    known = HEAD.replace("}\npublished", ", address: https://example.org/a}\npublished", 1)
    moved = known.replace("address:", f"identity: urn:sha256:{SHA}, address:")
    sources = [compile_sheet(head + text, registers=builtin()).source for head in (HEAD, known, moved)]
    assert sources == [f"urn:sha256:{SHA}", "https://example.org/a", f"urn:sha256:{SHA}"]


def test_numbers_serve_as_refs_and_anchors_as_shorthand() -> None:
    text = HEAD + "  - &same {ref: 1, reports: rescued, quantity: 5}\n  - {<<: *same, ref: 2, related: [1]}\n"
    first, second = compile_sheet("\ufeff" + text, registers=builtin()).events
    assert isinstance(second.data, CountedClaim)
    assert (second.data.ref, second.data.quantity.best, second.data.related) == ("2", 5, (first.id,))


def test_a_file_by_its_name_and_the_shipped_registers(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(HEAD + "  - {ref: A, reports: rescued, quantity: 5}\n", encoding="utf-8")
    assert compile_sheet(str(file)).events == compile_sheet(file, registers=builtin()).events


def test_a_register_of_ones_own() -> None:
    own = builtin().extended({"authorities": [{"id": "X-NGO", "standing": "ngo", "label": "An office of one's own"}]})
    text = HEAD + "  - {ref: A, reports: rescued, quantity: 5, authority: X-NGO}\n"
    (found,) = compile_sheet(text, registers=own).events
    assert isinstance(found.data, CountedClaim)
    assert found.data.authority.id == "X-NGO"
