"""The content of one event, field by field, from a statement of a sheet."""

from __future__ import annotations

from typing import Any

from incidentlog.schemas import iso
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quantities import quantity
from incidentlog.schemas.quoting import brief
from incidentlog.schemas.registers import Measure, Registers
from incidentlog.sheets import timing
from incidentlog.sheets.drafts import Draft
from incidentlog.sheets.header import day
from incidentlog.sheets.reading import Reading
from incidentlog.sheets.shape import shown

#: Measures whose numbers are about foreigners where the source names nobody; all others are then about anyone.
_FOREIGNERS = frozenset({"RescueRequested", "ComplaintsReported", "VictimsFound"})
#: Stands where the statement key will, until all claims are known.
OPEN_KEY = "?"


def claim(reading: Reading, draft: Draft) -> dict[str, Any]:
    """Content of a counted claim; with findings where a field is None or missing."""
    fields = draft.fields
    measure = reading.read(draft, "reports", reading.registers.measure, fields["reports"])
    content = _common(reading, draft) | {
        "measure": fields["reports"],
        "counting_unit": measure.unit if measure else None,
        "statement_key": OPEN_KEY,
        "population": reading.read(draft, "of", _population, fields.get("of"), measure, reading.registers),
        "place": reading.read(draft, "in", _host, reading.stated(draft, "in")),
        "grade": fields.get("grade", "firm"),
    }
    found = reading.timing(draft)
    if found is not None and measure is not None:
        content["kind"] = reading.read(draft, "", timing.kind, found, measure)
    bounds = reading.read(draft, "quantity", _quantity, fields.get("quantity"))
    if bounds is not None:
        content["quantity"], content["prior_unknown"] = bounds
    if "part_of" in fields:
        content["part_of"] = reading.read(draft, "part_of", reading.links.resolve, "part_of", fields["part_of"])
    return content


def action(reading: Reading, draft: Draft) -> dict[str, Any]:
    """Content of an official action; with findings where a field is None."""
    fields = draft.fields
    content = _common(reading, draft) | {"places": _places(reading, draft)}
    if "of" in fields:
        content["nationality"] = reading.read(draft, "of", reading.registers.nationality, fields["of"])
    if "quantity" in fields:
        bounds = reading.read(draft, "quantity", _quantity, fields["quantity"])
        if bounds is not None:
            content["quantity"] = bounds[0] | {"counting_unit": fields.get("unit", "person")}
    if "to" in fields:
        content["addressee"] = reading.read(draft, "to", country, fields["to"], "to")
    if "deadline" in fields:
        content["deadline"] = reading.read(draft, "deadline", day, fields["deadline"], "deadline")
    return content


def _common(reading: Reading, draft: Draft) -> dict[str, Any]:
    fields = draft.fields
    content: dict[str, Any] = {
        "ref": draft.ref,
        "authority": reading.read(draft, "authority", _authority, reading, draft),
        "published": reading.header.published,
        "evidence": reading.read(draft, "evidence", _evidence, reading, fields.get("evidence", [])),
    }
    via = reading.stated(draft, "via")
    if via:
        content["relayed_by"] = via if reading.read(draft, "via", reading.registers.authority, via) else None
    for name in ("twin_of", "replaces"):
        if name in fields:
            content[name] = reading.read(draft, name, reading.links.resolve, name, fields[name])
    if "related" in fields:
        found = [reading.read(draft, "related", reading.links.resolve, "related", text) for text in fields["related"]]
        content["related"] = tuple(found)
    if "embargo_until" in fields:
        content["embargo_until"] = reading.read(draft, "embargo_until", day, fields["embargo_until"], "embargo_until")
    if "said_on" in fields:
        reading.read(draft, "said_on", day, fields["said_on"], "said_on")
    found_days = reading.timing(draft)
    if found_days is not None:
        content["window"] = found_days.window
        content["occasion"] = reading.occasion(draft) or found_days.end
    return content


def _authority(reading: Reading, draft: Draft) -> dict[str, Any]:
    office = reading.stated(draft, "authority")
    if office is None:
        raise InvalidValue("authority", "no office is named; add authority here or at the top of the sheet")
    return reading.registers.authority(office).model_dump(include={"id", "standing", "country", "subdivision"})


def _population(stated: str | None, measure: Measure | None, registers: Registers) -> dict[str, Any]:
    if stated is None:
        return {"nationality": "QMF" if measure and measure.event_type in _FOREIGNERS else "XXX"}
    code = registers.nationality(stated)
    return {"nationality": code} if code == stated else {"nationality": code, "as_stated": stated}


def _quantity(stated: int | str | dict[str, Any] | None) -> tuple[dict[str, Any], bool]:
    """(content of the quantity, whether the base is unknown)."""
    if stated is None:
        raise InvalidValue("quantity", "is missing; write the source's words, such as about 600, or unstated")
    if isinstance(stated, dict):
        return _outright(stated), False
    try:
        read = quantity(str(stated))
    except InvalidValue as error:
        if ";" not in error.problem:
            raise
        problem = f"cannot read {shown(stated)}; write for example about 600, more than 1,000, dozens"
        raise InvalidValue("quantity", problem) from None
    bounds: dict[str, Any] = {"low": read.low, "best": read.best, "high": read.high, "qualifier": read.qualifier}
    coded = read.qualifier == "unstated" or read.stated.casefold().endswith("plural")
    return bounds | ({} if coded else {"stated": read.stated}), read.prior_unknown


def _outright(stated: dict[str, Any]) -> dict[str, Any]:
    bounds = {"best": None, "high": None} | stated
    given = [bounds[name] for name in ("low", "best", "high") if bounds[name] is not None]
    if given != sorted(given):
        raise InvalidValue("quantity", f"{', '.join(map(str, given))} fall; low, best and high must rise")
    return bounds | {"qualifier": "outright"}


def _host(stated: str | list[str] | None) -> dict[str, Any]:
    if stated is None:
        raise InvalidValue("in", "no country is named; add in: KHM here or at the top of the sheet")
    if isinstance(stated, list):
        raise InvalidValue("in", "a count has one place; write the country left, or one statement per country")
    return place(stated)


def _places(reading: Reading, draft: Draft) -> tuple[dict[str, Any] | None, ...]:
    stated = reading.stated(draft, "in")
    names = stated if isinstance(stated, list) else [stated] if stated else []
    return tuple(reading.read(draft, "in", place, name) for name in names)


def place(stated: str) -> dict[str, Any]:
    """The place that a code or a country's name means."""
    if iso.is_subdivision(stated):
        return {"country": iso.country_of(stated), "subdivision": stated}
    return {"country": country(stated, "in")}


def country(stated: str, name: str) -> str:
    """The country's alpha-3 that a code or a name means; InvalidValue of field `name` otherwise."""
    code = stated if iso.is_country(stated) else iso.nationality_of(stated)
    if code is None:
        raise InvalidValue(name, f'"{brief(stated)}" is no country or subdivision; write a code such as KHM or KH-12')
    return code


def _evidence(reading: Reading, offsets: list[list[int]]) -> dict[str, Any]:
    for start, end in offsets:
        if start >= end:
            raise InvalidValue(
                "evidence", f"[{start}, {end}] ends before it starts; write [first character, one past the last]"
            )
    evidence: dict[str, Any] = {"sha256": reading.header.sha256, "offsets": tuple(map(tuple, offsets))}
    return evidence | ({"address": reading.header.address} if reading.header.address else {})
