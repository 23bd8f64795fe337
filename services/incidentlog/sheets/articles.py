"""The sheets that ship, and finding one's way in an article: its hash and where a phrase stands."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from importlib.resources import files
from importlib.resources.abc import Traversable

from incidentlog.schemas.errors import InvalidValue


def shipped() -> list[Traversable]:
    """The sheets of the articles this log started from, by name."""
    folder = files("incidentlog.sheets").joinpath("articles")
    return sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)


def identity(text: str) -> str:
    """What an article without an address is known by: `urn:sha256:` and the hash of its text."""
    return f"urn:sha256:{_digest(_normal(text))}"


def locate(text: str, phrase: str) -> tuple[str, list[tuple[int, int]]]:
    """(sha256 of an article's text, all [start, end) at which `phrase` stands in it).

    Counted in code points of the text in Unicode normal form NFC, which is also what is hashed, as UTF-8; nothing else is
    changed, not even line ends or blanks at the edges. Any blanks in the phrase match any in the text.
    """
    words = [re.escape(word) for word in _normal(phrase).split()]
    if not words:
        raise InvalidValue("phrase", "is empty; give some words of the article")
    normal = _normal(text)
    return _digest(normal), [match.span() for match in re.finditer(r"\s+".join(words), normal)]


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
