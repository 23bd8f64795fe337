"""Which format a reader wants: by `?format=`, else by what its Accept header likes best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, get_args

from incidentlog.gateway.errors import RequestError

Format = Literal["json", "csv", "jsonl", "jsonld", "atom"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "jsonld": "application/ld+json",
    "atom": "application/atom+xml",
}
#: Other names that are in use.
_ALSO: Mapping[str, Format] = {
    "application/x-ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
    "application/jsonlines": "jsonl",
    "application/xml": "atom",
    "text/xml": "atom",
}
_BY_TYPE: dict[str, Format] = {**{name: each for each, name in MEDIA_TYPES.items()}, **_ALSO}


class NoSuchFormat(RequestError):
    """None of the formats that a reader takes is one of ours."""

    status: ClassVar[int] = 406
    slug: ClassVar[str] = "no-such-format"

    def __init__(self, accept: str) -> None:
        self.accept = accept[:200]
        self.available = tuple(MEDIA_TYPES.values())
        super().__init__(f"there are {', '.join(self.available)}; accept one of them, or ask with ?format=")


def wanted(asked: Format | None, accept: str | None) -> Format:
    """The format to answer in. NoSuchFormat if there is none that the reader takes."""
    if asked is not None:
        return asked
    weights = dict(_weighed(accept or "*/*"))
    found = max(_BY_TYPE, key=lambda name: _weight(name, weights))  # the first of equals: JSON
    if _weight(found, weights) <= 0:
        raise NoSuchFormat(accept or "")
    return _BY_TYPE[found]


def _weighed(accept: str) -> list[tuple[str, float]]:
    """(media range, weight) of each that is named; what cannot be read weighs nothing."""
    found = []
    for each in accept.lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        weight = next((part.removeprefix("q=") for part in parameters if part.startswith("q=")), "1")
        try:
            found.append((name, min(max(float(weight), 0.0), 1.0)))
        except ValueError:
            found.append((name, 0.0))
    return found


def _weight(name: str, weights: Mapping[str, float]) -> float:
    """What a media type weighs: by its own name, else by its kind, else by `*/*`."""
    kind = name.partition("/")[0]
    return next((weights[each] for each in (name, f"{kind}/*", "*/*") if each in weights), 0.0)
