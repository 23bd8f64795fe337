"""YAML with places: plain values as the sheet means them, and the line and column each stands at.

Scalars stay text unless they are whole numbers, truth values or null: a day must not become something else on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from incidentlog.sheets.errors import Finding, SheetError

Path = tuple[str | int, ...]
#: A sheet is a few kilobytes; beyond these a file is something else, or aliases that multiply.
LARGEST_TEXT, MOST_NODES = 1 << 20, 50_000
_WHOLE = re.compile(r"0|[1-9][0-9]{0,11}")
_NULL, _BOOL, _INT, _MERGE = (f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "merge"))


@dataclass(slots=True)
class Document:
    """The values of one file, and where they stand. `places` has an entry per key and per item, (line, column) from 1."""

    name: str
    data: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    blamed: set[Path] = field(default_factory=set)

    def place(self, path: Path) -> tuple[int, int]:
        """Where `path` stands; for what is not there, where the nearest thing around it begins."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def report(self, path: Path, name: str, problem: str, instead: str = "") -> None:
        """Note a finding at `path`."""
        self.findings.append(Finding(self.name, *self.place(path), name, problem, instead))
        self.blamed.add(path)

    def broken(self, path: Path) -> bool:
        """Whether something at `path` or inside it has been reported."""
        return any(blamed[: len(path)] == path for blamed in self.blamed)


def read(text: str, name: str) -> Document:
    """The document in `text`; SheetError if it is not YAML. Duplicate keys are findings, not yet an error."""
    document = Document(name)
    if len(text) > LARGEST_TEXT:
        raise SheetError(
            [Finding(name, 1, 1, "", f"has {len(text):,} characters", "a sheet is one article's, keep it short")]
        )
    try:
        node = compose(text)
        document.data = _Builder(document).value(node, ()) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        advice = "check the indentation, and put text with a colon or a quote mark in quotes"
        raise SheetError([Finding(name, line, column, "", f"is not YAML here: {error.problem}", advice)]) from None
    except (YAMLError, RecursionError) as error:
        raise SheetError([Finding(name, 1, 1, "", f"is not YAML: {str(error).splitlines()[0]}")]) from None
    if node is None:
        raise SheetError([Finding(name, 1, 1, "", "is empty", "start with article, published and statements")])
    return document


def compose(text: str) -> Node | None:
    """The nodes that YAML 1.2 reads in `text`; nobody changes them."""
    node: Node | None = YAML(pure=True).compose(text)
    return node


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document, self.nodes, self.open = document, 0, set[int]()

    def value(self, node: Node, path: Path) -> Any:
        self.document.places.setdefault(path, _place(node))
        self.nodes += 1
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if self.nodes > MOST_NODES or id(node) in self.open:
            raise SheetError(
                [Finding(self.document.name, *_place(node), "", "aliases repeat without end", "write it out")]
            )
        self.open.add(id(node))
        value = self._mapping(node, path) if isinstance(node, MappingNode) else self._items(node, path)
        self.open.discard(id(node))
        return value

    def _items(self, node: Node, path: Path) -> list[Any]:
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                continue
            name = str(key.value)
            self.document.places[*path, name] = _place(key)
            if name in mapping:
                self.document.report((*path, name), name, "stands here a second time", "keep one of the two")
                continue
            mapping[name] = self.value(value, (*path, name))
        for source in _merged(node):
            for key, value in source.value:
                if str(key.value) not in mapping:
                    mapping[str(key.value)] = self.value(value, (*path, str(key.value)))
        return mapping


def _merged(node: MappingNode) -> Iterator[MappingNode]:
    """The mappings that `<<` brings in; what stands in the mapping itself goes first."""
    for key, value in node.value:
        if key.tag == _MERGE:
            yield from (part for part in (value.value if not isinstance(value, MappingNode) else [value])
                        if isinstance(part, MappingNode))  # fmt: skip


def _scalar(node: ScalarNode) -> str | int | bool | None:
    text = str(node.value)
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL:
        return text.casefold() == "true"
    if node.tag == _INT and _WHOLE.fullmatch(text):
        return int(text)
    return text


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
