"""The head of a sheet: which article, when it appeared, and what its statements fall back on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.values import Published
from incidentlog.sheets.document import Document

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


def header(document: Document) -> Header | None:
    """The head of a sheet of the right shape; None if it holds findings, which are reported."""
    data, article = document.data, document.data["article"]
    address, sha256 = article.get("address"), article["sha256"]
    tracking = _TRACKING.search(address or "")
    if tracking:
        document.report(
            ("article", "address"), "address", f"carries {tracking[1]}, which tracks readers", "leave it out"
        )
    published = _published(document, data["published"])
    if published is None or tracking:
        return None
    source = article.get("identity") or address or f"urn:sha256:{sha256}"
    defaults = {name: data[name] for name in ("said_on", "authority", "via", "in") if data.get(name) is not None}
    return Header(
        source, sha256, address, article.get("publisher"), published, defaults, data.get("other_articles", {})
    )


def _published(document: Document, stated: Any) -> Published | None:
    when, inferred = (stated["when"], stated.get("inferred", False)) if isinstance(stated, dict) else (stated, False)
    try:
        return Published(edtf=str(when), inferred=inferred)
    except ValidationError as error:
        document.report(("published",), "published", problem(error))
    return None


def problem(error: ValidationError) -> str:
    """The words of the first thing pydantic found: ours, where the rule is ours."""
    first = error.errors(include_url=False)[0]
    inner = first.get("ctx", {}).get("error")
    return inner.problem if isinstance(inner, InvalidValue) else first["msg"]


def day(text: object, name: str) -> date:
    """The day that `text` writes; InvalidValue of field `name` otherwise."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise InvalidValue(name, f"{str(text)!r} is not in the calendar; write a day such as 2022-09-24") from None
