"""Events to statement records and back, without validation: the fast way for whoever trusts the log.

What the edge has validated is only looked at, not checked again, but for what a fold could not bear: a wrong shape raises
KeyError, TypeError or ValueError, and the caller then asks `codec.decode` for the exact words.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from sys import intern
from typing import Any, get_args

import orjson

from incidentlog.schemas import edtf, iso
from incidentlog.schemas.cells import OFFICIAL, Cell
from incidentlog.schemas.envelope import VERSIONS, parse_type
from incidentlog.schemas.events import digest
from incidentlog.schemas.statements import (
    BY_KEY,
    CLAIM,
    CORRECTION,
    FIRM,
    GRADES,
    GRADING,
    OPEN,
    REDACTION,
    RETRACTION,
    Content,
    Statement,
)  # fmt: skip
from incidentlog.schemas.upcasters import upcast
from incidentlog.schemas.values import Kind

VERBS = {"ClaimCorrected": CORRECTION, "ClaimRetracted": RETRACTION, "ClaimGraded": GRADING, "ClaimRedacted": REDACTION}
_GRADE = {name: number for number, name in enumerate(GRADES)}
_TOLD = ("relayed_by", "twin_of", "related", "replaces", "embargo_until")
Record = dict[str, Any]
_KINDS = frozenset(get_args(Kind))
#: The largest count of the contract.
_MOST = 1_000_000_000
#: TypeError if one of them is no text; one call for all of them.
_texts = "".join
#: Makes a named tuple in half the time; the order of the fields is the writer's care.
_new = tuple.__new__
_type = lru_cache(maxsize=1024)(parse_type)


def read(envelope: Record) -> tuple[str, Cell, Statement]:
    """(home type, cell, statement) of a parsed envelope."""
    name, version = _type(envelope["type"])
    data = envelope["data"]
    if version != VERSIONS.get(name, 1):
        data = upcast(name, version, data)
    verb = VERBS.get(name, CLAIM)
    recorded = _moment(envelope.get("recordedtime") or "")
    if verb == CLAIM:
        cell, content, told = _claim(name, data, envelope["source"])
        said = (envelope["id"], CLAIM, recorded, digest(data), data["ref"], "", "", 0, content, told)
        _texts((said[0], said[4]))
        return name, cell, _new(Statement, said)
    return _about(envelope, data, verb, recorded)


def _about(envelope: Record, data: Record, verb: str, recorded: str) -> tuple[str, Cell, Statement]:
    target = data["target"]
    names = target.get("id") or BY_KEY + target["statement_key"]
    moment = datetime.fromisoformat(data["decided"]).astimezone(UTC).isoformat(timespec="microseconds")
    content, ref = None, ""
    told = {"source": envelope["source"], "reason": data.get("reason", "other"), "by": data.get("by")}
    if verb == CORRECTION:
        _, content, more = _claim(target["type"], data["content"], envelope["source"])
        ref = data["content"]["ref"]
        published = edtf.last_moment(data["published"]["edtf"])
        if content is not None:
            content = content._replace(published=published)
        told |= {**more, "published": published}
    grade = _GRADE[data["grade"]] if verb == GRADING else 0
    statement = Statement(envelope["id"], verb, recorded, digest(data), ref, names, moment.replace("+00:00", "Z"), grade,
                          content, told)  # fmt: skip
    return target["type"], Cell.parse(target["cell"]), statement


def _claim(name: str, data: Record, source: str) -> tuple[Cell, Content | None, Record]:
    """(cell, content, told) of a claim's data; an official action has no content: all of it is told."""
    if "measure" not in data:
        places = data.get("places") or [{"country": "XXX"}]
        return Cell(OFFICIAL, "XXX", places[0]["country"]), None, {"source": source, "type": name, "action": data}
    authority, place, quantity, window = data["authority"], data["place"], data["quantity"], data["window"]
    low, best, high, first = quantity["low"], quantity["best"], quantity["high"], window["start"]
    if high is None:
        high = OPEN
    elif type(high) is not int or high > _MOST:
        raise ValueError("no count")
    start = _ordinal(first) if first else 0
    end = _ordinal(window["end"])
    if not 0 <= low <= (low if best is None else best) <= high or start > end:
        raise ValueError("bounds or days that fall")
    if type(low) is not int or low > _MOST or not (best is None or (type(best) is int and best <= _MOST)):
        raise ValueError("no count")
    get = data.get
    said = (
        data["statement_key"],
        authority["id"],
        authority["standing"],
        authority.get("country") or "",
        place.get("subdivision") or "",
        intern(data["kind"]),
        start,
        end,
        low,
        best,
        high,
        _GRADE[data["grade"]] if "grade" in data else FIRM,
        get("prior_unknown", False),
        get("part_of") or "",
        edtf.last_moment(data["published"]["edtf"]),
    )
    stated = quantity.get("stated")
    told = {"source": source, "stated": stated, "qualifier": quantity["qualifier"], "edtf": window["edtf"]}
    for each in _TOLD:
        if data.get(each) is not None:
            _texts(data[each] if each == "related" else (data[each],))
            told[each] = data[each]
    _texts((*said[:6], said[13], source, stated or "", told["qualifier"], told["edtf"], data["measure"]))
    if said[4] and iso.country_of(said[4]) != place["country"]:
        raise ValueError("a place elsewhere")
    if said[5] not in _KINDS:
        raise ValueError("no kind")
    cell = _new(Cell, (data["measure"], data["population"]["nationality"], place["country"]))
    return cell, _new(Content, said), told


def _moment(recorded: str) -> str:
    """A recorded time, or "": those before it and after it are told by the text alone."""
    if recorded and (len(recorded) != 27 or recorded[26] != "Z" or not datetime.fromisoformat(recorded)):
        raise ValueError("no recorded time")
    return recorded


@lru_cache(maxsize=4096)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def key(cell: Cell | str, statement: Statement, *, copy: bool = False) -> str:
    """Key on the statements topic; a `copy` (same id, other content) gets the content's digest as well."""
    return f"{cell}#{statement.id}#{statement.digest}" if copy else f"{cell}#{statement.id}"


def dump(statement: Statement) -> bytes:
    """Value on the statements topic: the fields by name, but for the content's, which come in `Content`'s order.

    null stands for open and not quantified; a claim has no target, no time and no grade of its own.
    """
    name, verb, recorded, hashed, ref, target, time, grade, content, told = statement
    # Written out: `_asdict`, and pairing names with values, take several times as long.
    said = None if content is None else content if content.high < OPEN else content._replace(high=None)  # type: ignore[arg-type]
    record: Record = {"id": name, "verb": verb, "recorded": recorded, "digest": hashed, "ref": ref}
    if verb != CLAIM:
        record |= {"target": target, "time": time, "grade": grade}
    record["content"] = None if said is None else tuple(said)  # orjson takes no named tuple
    record["told"] = told
    return orjson.dumps(record)


def load(value: bytes) -> Statement:
    """The statement in a record's value. What recurs from claim to claim (kinds, days, moments) is one object for all."""
    record = orjson.loads(value)
    content = record["content"]
    if content is not None:
        key, authority, standing, country, place, kind, start, end, low, best, high, grade, further, container, at = (
            content
        )
        if high is None:
            high = OPEN
        start, end = _day(start), _day(end)
        said = (key, authority, standing, country, place, intern(kind), start, end, low, best, high, grade, further,
                container, intern(at))  # fmt: skip
        content = _new(Content, said)
    name, verb, recorded, hashed, ref = (
        record["id"],
        record["verb"],
        record["recorded"],
        record["digest"],
        record["ref"],
    )
    target, time, grade = ("", "", 0) if verb == CLAIM else (record["target"], record["time"], record["grade"])
    return _new(Statement, (name, verb, recorded, hashed, ref, target, time, grade, content, record["told"]))


@lru_cache(maxsize=4096)
def _day(ordinal: int) -> int:
    return ordinal
