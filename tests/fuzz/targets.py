"""All fuzz targets, by name."""

from __future__ import annotations

from fuzz import contract, documents, texts
from fuzz.target import Target

TARGETS: dict[str, Target] = {target.name: target for target in (*contract.TARGETS, *documents.TARGETS, *texts.TARGETS)}
