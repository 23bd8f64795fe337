"""Offices, measures and words for nationalities; what ships, and what users add to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.schemas import iso
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.registers import Registers, builtin

SHELTER: dict[str, Any] = {"id": "SAFE-HARBOUR", "standing": "ngo", "label": "Safe Harbour"}


@pytest.mark.parametrize(
    ("office_id", "standing", "country", "subdivision"),
    [
        ("VN-MOFA", "state", "VNM", None),
        ("VN-44-POLICE", "state", "VNM", "VN-44"),
        ("KH-MOI", "state", "KHM", None),
        ("KH-12-AUTH", "state", "KHM", "KH-12"),
        ("KH-MP", "state", "KHM", None),
        ("CN-EMB-KH", "state", "CHN", None),
        ("IOM", "intergovernmental", None, None),
        ("VOD", "media", None, None),
    ],
)
def test_an_office_has_its_standing_and_place(
    office_id: str, standing: str, country: str | None, subdivision: str | None
) -> None:
    office = builtin().authority(office_id)
    assert (office.standing, office.country, office.subdivision) == (standing, country, subdivision)


def test_ids_and_labels_name_one_office_each() -> None:
    labels = [office.label for office in builtin().authorities.values()]
    assert len(set(labels)) == len(labels) > 60


@pytest.mark.parametrize(
    ("measure", "event_type", "unit", "kinds", "precedence"),
    [
        ("rescued", "RescueReported", "person", ("increment", "cumulative"), "origin"),
        ("rescue_requests", "RescueRequested", "case", ("increment", "cumulative"), "host"),
        ("sites_raided", "RaidConducted", "site", ("increment", "cumulative"), "host"),
        ("groups_dismantled", "GroupDismantled", "group", ("increment", "cumulative"), "host"),
        ("repatriation_planned", "RepatriationPlanned", "person", ("planned",), "origin"),
        ("missing", "MissingReported", "person", ("stock",), "origin"),
    ],
)
def test_a_measure_belongs_to_one_event_type(
    measure: str, event_type: str, unit: str, kinds: tuple[str, ...], precedence: str
) -> None:
    entry = builtin().measure(measure)
    assert (entry.event_type, entry.unit, entry.kinds, entry.precedence) == (event_type, unit, kinds, precedence)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Vietnamese", "VNM"),
        ("Malaysians", "MYS"),
        ("TAIWANESE", "TWN"),
        ("Burmese", "MMR"),
        ("Filipinas", "PHL"),
        ("Bangladeshis", "BGD"),
        ("Emirati", "ARE"),
        ("Swiss", "CHE"),
        ("South  Koreans", "KOR"),
        ("Chinese nationals", "CHN"),
        ("Taiwan", "TWN"),
        ("Hong Kongers", "HKG"),
        ("foreigners", "QMF"),
        ("foreign workers", "QMF"),
        ("stateless", "XXA"),
        ("VNM", "VNM"),
        ("QMX", "QMX"),
    ],
)
def test_words_of_the_news_name_nationalities(word: str, code: str) -> None:
    assert builtin().nationality(word) == code


@given(st.sampled_from(sorted(builtin().demonyms)), st.sampled_from([str.upper, str.title, str.lower]))
def test_case_and_plural_do_not_matter(word: str, written: Any) -> None:
    assert (
        builtin().nationality(written(word)) == builtin().nationality(written(word) + "s") == builtin().demonyms[word]
    )


@given(st.sampled_from(sorted(builtin().demonyms)))
def test_no_word_contradicts_a_country_of_that_name(word: str) -> None:
    assert iso.nationality_of(word) in (None, builtin().demonyms[word])


@pytest.mark.parametrize(
    ("ask", "name", "hint"),
    [
        (Registers.authority, "VN-MFA", "did you mean .*VN-MOFA"),
        (Registers.authority, "???", "add the office to a register of your own"),
        (Registers.measure, "rescue", "did you mean rescued"),
        (Registers.nationality, "Vietnamse", "did you mean vietnamese"),
        (Registers.nationality, "Korean", "south korean"),
        (Registers.nationality, "", "alpha-3"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_ones(ask: Any, name: str, hint: str) -> None:
    with pytest.raises(InvalidValue, match=hint):
        ask(builtin(), name)


def test_users_add_their_own_entries() -> None:
    more = {
        "authorities": [SHELTER],
        "measures": [{**builtin().measure("rescued").model_dump(), "name": "ransomed"}],
        "demonyms": {"Rohingya": "XXA"},
    }
    own = builtin().extended(more)
    assert own.authority("SAFE-HARBOUR").label == "Safe Harbour"
    assert own.measure("ransomed").unit == "person"
    assert own.nationality("Rohingyas") == "XXA"
    assert own.authority("VN-MOFA") == builtin().authority("VN-MOFA")
    assert "SAFE-HARBOUR" not in builtin().authorities
    assert own.extended(more).authorities == own.authorities


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"authorities": [{**SHELTER, "id": "VN-MOFA"}]}, r"authorities\.VN-MOFA: is registered already"),
        ({"authorities": [SHELTER, {**SHELTER, "label": "Other"}]}, "SAFE-HARBOUR: is registered already"),
        ({"demonyms": {"Chinese": "TWN"}}, r"demonyms\.chinese: is registered already"),
        ({"authorities": [{**SHELTER, "id": "safe harbour"}]}, r"authorities\.0\.id"),
        ({"authorities": [{**SHELTER, "standing": "state"}]}, "names its country"),
        (
            {"authorities": [{**SHELTER, "standing": "state", "country": "KHM", "subdivision": "VN-44"}]},
            "not lie in KHM",
        ),
        ({"authorities": [{**SHELTER, "telephone": "1"}]}, r"authorities\.0\.telephone"),
        ({"demonyms": {"Martian": "MRS"}}, r"demonyms\.Martian"),
        (
            {"measures": [{**builtin().measure("rescued").model_dump(), "name": "m", "event_type": "Nope"}]},
            "Nope carries",
        ),
        ({"offices": []}, "no such register"),
        ({"authorities": "VN-MOFA"}, "authorities: must be a list"),
    ],
)
def test_entries_that_are_wrong_or_clash_are_refused(more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidValue, match=complaint):
        builtin().extended(more)


def test_registers_cannot_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        builtin().demonyms["martian"] = "XXX"  # type: ignore[index]
    assert builtin() is builtin()


def test_a_register_that_is_no_list_is_told_so() -> None:
    with pytest.raises(InvalidValue, match="authorities: must be a list of entries, as in the file that ships"):
        builtin().extended({"authorities": {"XX-NGO": {"standing": "ngo"}}})
