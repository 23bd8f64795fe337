"""The statements of a sheet one by one: fields as written, those of `also` completed from the statement they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from incidentlog.sheets.document import Document, Path

#: What a statement under `also` takes from the one around it, each unless it states its own.
_SHARED: tuple[str, ...] = ("of", "quantity", "said_on", "authority", "via", "in", "embargo_until", "evidence")
#: What says when; one of them stated, none is taken over.
WHEN: tuple[str, ...] = ("on", "during", "since", "until")


@dataclass(frozen=True, slots=True)
class Draft:
    """One statement as written. `places` tells for each field where it was written; `around` is the ref of the statement
    whose words it shares (`also`), if any. One of the wrong shape is `broken`: known by its ref alone."""

    ref: str
    path: Path
    fields: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Path] = field(default_factory=dict)
    around: str | None = None
    broken: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a counted claim; else an official action."""
        return "reports" in self.fields


def drafts(document: Document) -> list[Draft]:
    """All statements of a sheet, in its order."""
    blocks = document.data.get("statements")
    found: list[Draft] = []
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        path = ("statements", index)
        found.extend(_refs(block, path) if document.broken(path) else _flat(block, path, None))
    return found


def _flat(block: dict[str, Any], path: Path, around: Draft | None) -> Iterator[Draft]:
    fields = {name: value for name, value in block.items() if name != "also"}
    places = {name: (*path, name) for name in fields}
    if around is not None:
        timed = any(name in fields for name in WHEN)
        own = ("unit",) if "did" in fields else ("grade",)
        for name in _SHARED + own + (() if timed else WHEN):
            if name in around.fields and name not in fields:
                fields[name], places[name] = around.fields[name], around.places[name]
    draft = Draft(str(block["ref"]), path, fields, places, around.ref if around else None)
    yield draft
    for index, more in enumerate(block.get("also", ())):
        yield from _flat(more, (*path, "also", index), draft)


def _refs(block: Any, path: Path) -> Iterator[Draft]:
    """What can be told of a statement of the wrong shape: which refs it takes."""
    if isinstance(block, dict):
        if isinstance(block.get("ref"), str | int):
            yield Draft(str(block["ref"]), (*path, "ref"), broken=True)
        more = block.get("also")
        for index, inner in enumerate(more if isinstance(more, list) else ()):
            yield from _refs(inner, (*path, "also", index))
