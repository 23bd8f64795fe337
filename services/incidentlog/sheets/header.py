"""The head of a sheet: which article, when it appeared, and what its statements fall back on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import shown
from incidentlog.schemas.values import Published
from incidentlog.sheets.document import Document

#: What statements may fall back on.
DEFAULTS = ("said_on", "authority", "via", "in")
#: Stands where the time of publication could not be read; a sheet with findings gives out no event.
_UNKNOWN = "0001"
_TRACKING = re.compile(r"[?&](utm_[a-z]+|fbclid|gclid)=")


@dataclass(frozen=True, slots=True)
class Header:
    """What holds for the whole sheet. `source` is the article's identity; `defaults` the fields statements fall back on."""

    source: str
    sha256: str
    address: str | None
    publisher: str | None
    published: Published
    defaults: dict[str, Any] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)


def header(document: Document) -> Header:
    """The head of a sheet. What is wrong with it is reported and stands for nothing, so that the statements can be read."""
    data = {name: value for name, value in document.data.items() if not document.broken((name,))}
    article = data.get("article", {})
    address, sha256 = article.get("address"), article.get("sha256", "0" * 64)
    tracking = _TRACKING.search(address or "")
    if tracking:
        place = ("article", "address")
        document.report(place, "address", f"carries {tracking[1]}, which tracks readers", "leave it out")
    source = article.get("identity") or address or f"urn:sha256:{sha256}"
    defaults = {name: data[name] for name in DEFAULTS if data.get(name) is not None}
    others = data.get("other_articles", {})
    if "said_on" in defaults:
        try:
            day(defaults["said_on"], "said_on")
        except InvalidValue as error:
            document.report(("said_on",), "said_on", *error.problem.split("; ", 1))
    published = _published(document, data.get("published", _UNKNOWN))
    return Header(source, sha256, address, article.get("publisher"), published, defaults, others)


def _published(document: Document, stated: Any) -> Published:
    when, inferred = (stated["when"], stated.get("inferred", False)) if isinstance(stated, dict) else (stated, False)
    try:
        return Published(edtf=str(when), inferred=inferred)
    except ValidationError as error:
        document.report(("published",), "published", *problem(error))
        return Published(edtf=_UNKNOWN)


def problem(error: ValidationError) -> tuple[str, str]:
    """(problem, what to write instead) of the first thing pydantic found, in our words where the rule is ours."""
    first = error.errors(include_url=False)[0]
    inner = first.get("ctx", {}).get("error")
    wrong, _, instead = (inner.problem if isinstance(inner, InvalidValue) else first["msg"]).partition("; ")
    return wrong, instead


def day(text: object, name: str) -> date:
    """The day that `text` writes; InvalidValue of field `name` otherwise."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise InvalidValue(name, f"{shown(str(text))} is not in the calendar; write a day such as 2022-09-24") from None
