"""Writes the ISO 3166 codes that the contract ships with, from pycountry, which is needed only here.

Run from the project root after a new edition of the standard:
    uv run --no-project --with pycountry==26.2.16 python schemas/tools/iso3166.py
Codes once shipped stay: an old claim keeps the subdivision of its day, so what a new edition drops is carried over.
"""

from __future__ import annotations

import importlib
import json
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "incidentlog/schemas/data/iso3166.json"


def subdivisions(pycountry: Any, shipped: dict[str, str]) -> dict[str, str]:
    """Suffixes of all subdivision codes by alpha-2 country, those shipped before included."""
    suffixes = defaultdict(set, {country: set(codes.split()) for country, codes in shipped.items()})
    for subdivision in pycountry.subdivisions:
        country, _, suffix = subdivision.code.partition("-")
        suffixes[country].add(suffix)
    return {country: " ".join(sorted(suffixes[country])) for country in sorted(suffixes)}


def main() -> None:
    """Read the library's lists, merge in what was shipped before, write the file."""
    pycountry = importlib.import_module("pycountry")
    shipped = json.loads(TARGET.read_text()) if TARGET.exists() else {"alpha3": {}, "subdivisions": {}}
    listed = {country.alpha_2: country.alpha_3 for country in pycountry.countries}
    document = {
        "source": f"ISO 3166-1 and 3166-2 as in pycountry {version('pycountry')}",
        "alpha3": dict(sorted((shipped["alpha3"] | listed).items())),
        "subdivisions": subdivisions(pycountry, shipped["subdivisions"]),
    }
    TARGET.write_text(json.dumps(document, indent=0) + "\n")


if __name__ == "__main__":
    main()
