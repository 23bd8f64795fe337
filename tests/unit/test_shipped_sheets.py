"""The sheets of the five articles, and the JSON Schema that editors check sheets by."""

from __future__ import annotations

from datetime import date
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from incidentlog.schemas import paraphrase
from incidentlog.schemas.actions import ACTION_TYPES, OfficialAction
from incidentlog.schemas.claims import CLAIM_TYPES, CountedClaim
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.registers import builtin
from incidentlog.sheets import schema, shipped
from support.articles import event, events, sheets

REFS = {
    "S0": "01 02 03 04 05 06 07 08 09 10 11 12",
    "S1": "01 02 03 04 05 06 07 08 09 10 11 12 13 15 16 17 18 19 20 21 22 22a",
    "S2": "01 02 03 04 05 06 07 08 09",
    "S3": "01 02 03 04 05 06 07 08 09 10 11 12 12r 13 13r 14 14r 15 15r 16 16r 17 17r 19 20 21 22 23 24 25 26 27 28",
    "S4": "01 02 03 04 05 05a 06 07 08 09 10 11 12 13 14 15 16",
}


def test_every_statement_of_the_five_articles_is_there() -> None:
    expected = [f"{article}-{ref}" for article, refs in REFS.items() for ref in refs.split()]
    assert [getattr(each.data, "ref", None) for each in events()] == expected
    assert len(events()) == len({each.id for each in events()}) == 93


def test_shipped_events_pass_the_edge() -> None:
    assert [decode(encode(each), builtin()) for each in events()] == list(events())


def test_notes_are_paraphrases() -> None:
    notes = {claim: note for sheet in sheets() for claim, note in sheet.notes.items()}
    assert notes
    assert set(notes) <= {each.id for each in events()}
    assert [paraphrase.problems(note, builtin()) for note in notes.values()] == [[]] * len(notes)


def test_links_of_shipped_statements_lead_to_statements() -> None:
    known = {each.id for each in events()}
    for each in events():
        assert isinstance(each.data, CountedClaim | OfficialAction)
        links = {*each.data.related, each.data.twin_of, getattr(each.data, "part_of", None)} - {None}
        assert links <= known


def test_every_shipped_statement_says_where_it_stands() -> None:
    for each in events():
        assert isinstance(each.data, CountedClaim | OfficialAction)
        assert each.data.evidence.offsets
        assert f"urn:sha256:{each.data.evidence.sha256}" == each.source


def test_the_two_wordings_of_one_briefing() -> None:
    lead, body = event("S2-02").data, event("S2-03").data
    assert isinstance(lead, CountedClaim)
    assert isinstance(body, CountedClaim)
    assert lead.statement_key == body.statement_key


@pytest.mark.parametrize("file", shipped(), ids=lambda file: file.name)
def test_shipped_sheets_follow_the_schema_and_name_it(file: Any) -> None:
    text = file.read_text(encoding="utf-8")
    values = YAML(typ="safe", pure=True)
    assert text.startswith("# yaml-language-server: $schema=../sheet.schema.json\n")
    sibling = file.parent.parent / "sheet.schema.json"
    assert sibling.is_file()
    jsonschema.Draft202012Validator(schema()).validate(_days_as_text(values.load(text)))


def _days_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _days_as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_days_as_text(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def test_the_schema_is_one_in_both_dialects() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft7Validator.check_schema({key: value for key, value in schema().items() if key != "$schema"})


def test_the_schema_offers_every_measure_and_every_action() -> None:
    fields = schema()["definitions"]["statement"]["properties"]
    assert set(fields["reports"]["anyOf"][0]["enum"]) == set(builtin().measures)
    assert set(fields["did"]["enum"]) == set(ACTION_TYPES)
    assert {measure.event_type for measure in builtin().measures.values()} == set(CLAIM_TYPES)


def test_the_schema_explains_every_field() -> None:
    definitions = schema()["definitions"]
    fields = definitions["statement"]["properties"] | schema()["properties"] | definitions["article"]["properties"]
    silent = [name for name, field in fields.items()
              if "description" not in field and "description" not in definitions.get(field.get("$ref", "")[14:], {})]  # fmt: skip
    assert silent == []
