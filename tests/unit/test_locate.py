"""Where a phrase stands in an article, and what an article is known by."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest

from incidentlog.schemas.errors import InvalidValue
from incidentlog.sheets import identity, locate


def test_locate_counts_code_points_of_the_composed_text() -> None:
    composed = "Việt Nam said so.\nViệt  Nam said it.\n"
    text = unicodedata.normalize("NFD", composed)
    assert text != composed
    sha256, found = locate(text, "Việt Nam")
    assert found == [(0, 8), (18, 27)]
    assert sha256 == hashlib.sha256(composed.encode()).hexdigest()
    assert identity(text) == f"urn:sha256:{sha256}"


def test_locate_changes_nothing_but_the_form() -> None:
    assert locate(" a\r\n", "a") == (hashlib.sha256(b" a\r\n").hexdigest(), [(1, 2)])
    assert locate("a", "b")[1] == []


def test_locate_wants_words() -> None:
    with pytest.raises(InvalidValue, match="is empty"):
        locate("a", "  ")
