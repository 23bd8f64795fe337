"""Writes the JSON Schemas of all event types to schemas/published. Older versions of a type stay.

Run from the project root after changing a model:
    uv run python schemas/tools/publish.py
"""

from __future__ import annotations

from pathlib import Path

from incidentlog.schemas.json_schema import documents, text

TARGET = Path(__file__).parents[1] / "published"


def main() -> None:
    """Write every document whose file differs; say which."""
    TARGET.mkdir(exist_ok=True)
    for name, document in documents().items():
        file, content = TARGET / name, text(document)
        if not file.exists() or file.read_bytes() != content:
            file.write_bytes(content)
            print(f"wrote {file.relative_to(TARGET.parents[1])}")


if __name__ == "__main__":
    main()
