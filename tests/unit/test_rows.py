"""Rows and contributions on the wire: what is written is read, what is not a row is refused, schemas describe both."""

from __future__ import annotations

import random

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from incidentlog.projections.lane import Lane
from incidentlog.projections.project import project
from incidentlog.schemas.contributions import Contribution, decode_contribution, encode_contribution
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.rows import CellPart, HostPart, ResidualPart, RollupRow, adapter, decode_row, encode_row
from support.rollup_cases import history
from support.rollup_follower import ALL, host_first

PARTS = (
    CellPart("rescued/XXX/KHM", 5, None, None, None),
    ResidualPart("rescued/QMF/KHM", 1, 1, 1, "2022-09-28"),
    HostPart("KHM", 6, 6, None, "2022-09-28"),
)


def test_parts_of_a_row_keep_their_kind() -> None:
    row = RollupRow("rescued-by-nationality", "XXX", 6, 6, None, "2022-09-28", ("residual",), PARTS)
    assert decode_row(encode_row(row)) == row
    assert ["residual" in part for part in orjson.loads(encode_row(row))["contributions"]] == [False, True, False]


def test_all_rows_of_a_history_survive_the_wire_and_fit_their_schema() -> None:
    rows = project(history(random.Random(3), 80), host_first, projections=ALL)
    validators = {p: Draft202012Validator(adapter(p).json_schema()) for p in {row.projection for row in rows}}
    for row in rows:
        raw = encode_row(row)
        assert decode_row(raw) == row
        validators[row.projection].validate(orjson.loads(raw))


def test_all_contributions_of_a_history_survive_the_wire_and_fit_their_schema() -> None:
    lane = Lane(host_first, projections=ALL)
    for filed in history(random.Random(3), 80):
        lane.add(*filed)
    validator = Draft202012Validator(TypeAdapter(Contribution).json_schema())
    contributions = lane.take_changed().contributions
    assert any("#" in key for key in contributions)
    for key, contribution in contributions.items():
        raw = encode_contribution(contribution)
        validator.validate(orjson.loads(raw.partition(b"\n")[0]))
        again = decode_contribution(raw)
        assert (again.key, encode_contribution(again)) == (key, raw)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"projection": "estimates"}', b'{"projection": [], "key": 1}', b"1"]
)
def test_what_is_not_a_row_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError, match="invalid_row"):
        decode_row(raw)
    with pytest.raises(DecodeError, match="invalid_contribution"):
        decode_contribution(raw)
