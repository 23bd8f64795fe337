"""Codes of nationalities, countries and subdivisions, and the neutral labels they are shown under."""

from __future__ import annotations

import pytest

from incidentlog.schemas import iso
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.tables import table

CODES, LABELS = table("iso3166"), table("labels")
SPECIAL = ["XXA", "XXB", "XXC", "XXX", "QMX", "QMF"]


def test_every_listed_country_has_a_label_and_no_other() -> None:
    assert set(LABELS["countries"]) == set(CODES["alpha3"].values())
    assert len(set(LABELS["countries"].values())) == len(LABELS["countries"]) == 249


def test_every_labelled_subdivision_is_a_code() -> None:
    assert [code for code in LABELS["subdivisions"] if not iso.is_subdivision(code)] == []


@pytest.mark.parametrize("code", SPECIAL)
def test_special_codes_are_nationalities_with_labels_but_not_countries(code: str) -> None:
    assert iso.is_nationality(code)
    assert not iso.is_country(code)
    assert iso.label(code).islower()


@pytest.mark.parametrize("code", ["VNM", "KHM", "TWN", "HKG", "MAC", "CHN"])
def test_countries_are_nationalities(code: str) -> None:
    assert iso.is_nationality(code)
    assert iso.is_country(code)


@pytest.mark.parametrize("code", ["", "vnm", "VN", "VNMX", "QMZ", "ZZZ", "XKX", "Vietnam", "VNM "])
def test_other_texts_are_not_codes(code: str) -> None:
    assert not iso.is_nationality(code)
    assert not iso.is_country(code)
    assert not iso.is_subdivision(code)


@pytest.mark.parametrize(
    ("code", "country"),
    [("KH-12", "KHM"), ("KH-18", "KHM"), ("VN-44", "VNM"), ("VN-HN", "VNM"), ("MM-13", "MMR"), ("LA-BK", "LAO")],
)
def test_a_subdivision_lies_in_its_country(code: str, country: str) -> None:
    assert iso.is_subdivision(code)
    assert iso.country_of(code) == country


@pytest.mark.parametrize("code", ["VN-37", "VN-41", "VN-44", "VN-47"])
def test_provinces_merged_since_keep_their_codes(code: str) -> None:
    assert iso.country_of(code) == "VNM"


@pytest.mark.parametrize("code", ["KH-99", "KH", "KHM", "kh-12", "KH-12 ", "-12", ""])
def test_an_unknown_subdivision_is_refused(code: str) -> None:
    with pytest.raises(InvalidValue, match="ISO 3166-2"):
        iso.country_of(code)


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("TWN", "Taiwan"),
        ("HKG", "Hong Kong"),
        ("VNM", "Vietnam"),
        ("LAO", "Laos"),
        ("KH-12", "Phnom Penh"),
        ("VN-44", "An Giang"),
        ("TH-11", "TH-11 (Thailand)"),
    ],
)
def test_labels_are_short_and_neutral(code: str, label: str) -> None:
    assert iso.label(code) == label


def test_no_label_puts_one_country_under_another() -> None:
    names = list(LABELS["countries"].values())
    assert [name for name in names if "," in name and "Saint Helena" not in name] == []
    assert [name for name in names if "rovince of" in name] == []


def test_an_unknown_code_has_no_label() -> None:
    with pytest.raises(InvalidValue, match="ZZZ"):
        iso.label("ZZZ")


def test_a_country_is_found_by_its_label() -> None:
    assert iso.nationality_of("taiwan") == "TWN"
    assert iso.nationality_of("Atlantis") is None
