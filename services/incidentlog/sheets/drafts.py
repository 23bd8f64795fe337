"""The statements of a sheet one by one: fields as written, those of `also` completed from the statement they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from incidentlog.sheets.document import Document, Path

#: What a statement under `also` takes from the one around it, each unless it states its own.
_SHARED: tuple[str, ...] = ("of", "quantity", "said_on", "authority", "via", "in", "grade", "embargo_until", "evidence")
#: What says when; one of them stated, none is taken over.
WHEN: tuple[str, ...] = ("on", "during", "since", "until")


@dataclass(frozen=True, slots=True)
class Draft:
    """One statement as written. `places` tells for each field where it was written; `around` is the ref of the statement
    whose words it shares (`also`), if any."""

    ref: str
    fields: dict[str, Any]
    places: dict[str, Path]
    path: Path
    around: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a counted claim; else an official action."""
        return "reports" in self.fields

    def where(self, name: str) -> Path:
        """Where field `name` stands, or the statement's own place if it is not there."""
        return self.places.get(name, (*self.path, "ref"))


def drafts(document: Document) -> list[Draft]:
    """All statements of a sheet of the right shape, in its order."""
    found: list[Draft] = []
    for index, block in enumerate(document.data["statements"]):
        found.extend(_flat(block, ("statements", index), None))
    return found


def _flat(block: dict[str, Any], path: Path, around: Draft | None) -> Iterator[Draft]:
    fields = {name: value for name, value in block.items() if name != "also"}
    places = {name: (*path, name) for name in fields}
    if around is not None:
        timed = any(name in fields for name in WHEN)
        for name in _SHARED + (() if timed else WHEN):
            if name in around.fields and name not in fields:
                fields[name], places[name] = around.fields[name], around.places[name]
    draft = Draft(str(block["ref"]), fields, places, path, around.ref if around else None)
    yield draft
    for index, more in enumerate(block.get("also", ())):
        yield from _flat(more, (*path, "also", index), draft)
