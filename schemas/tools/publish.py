"""Writes the contract to schemas/published: JSON Schemas of events and records, and the AsyncAPI document of all topics.

Older versions of a type stay. Every schema that was ever published is remembered in `released.jsonl`, which only grows;
what would take back anything that one of them allowed is refused. Run from the project root after changing a model:
    uv run python schemas/tools/publish.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import orjson

from incidentlog.schemas.asyncapi import asyncapi
from incidentlog.schemas.compatibility import Incompatible, breaks, decode_releases, encode_release, remembered
from incidentlog.schemas.json_schema import documents, text
from incidentlog.schemas.record_schemas import record_documents

TARGET = Path(__file__).parents[1] / "published"


def publish(target: Path) -> list[str]:
    """Write every document whose file differs and remember it; their names. Incompatible, with nothing written, if one of
    them takes something back."""
    memory = target / "released.jsonl"
    due = documents() | record_documents()
    released = decode_releases(memory.read_bytes()) if memory.exists() else []
    if problems := breaks(released, due):
        raise Incompatible(problems)
    target.mkdir(exist_ok=True)
    newest = {each.file: each for each in released}
    fresh = [each for each in (remembered(*item) for item in due.items()) if newest.get(each.file) != each]
    with memory.open("ab") as lines:
        lines.writelines(map(encode_release, fresh))
    older = {file.name: orjson.loads(file.read_bytes()) for file in target.glob("*.v*.json") if file.name not in due}
    files = {name: text(document) for name, document in (due | {"asyncapi.json": asyncapi(older | due)}).items()}
    return [name for name, content in files.items() if _write(target / name, content)]


def _write(file: Path, content: bytes) -> bool:
    if file.exists() and file.read_bytes() == content:
        return False
    file.write_bytes(content)
    return True


def main() -> None:
    """Publish, and say what was written."""
    try:
        written = publish(TARGET)
    except Incompatible as refusal:
        sys.exit(str(refusal))
    for name in written:
        print(f"wrote schemas/published/{name}")


if __name__ == "__main__":
    main()
