"""The cell: measure, nationality and host country. What is counted together, and what shares a partition."""

from __future__ import annotations

from typing import NamedTuple

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import shown

OFFICIAL = "official"
#: Nationalities that stand for several: their numbers may overlap those of single nationalities.
MIXED = frozenset({"QMF", "QMX", "XXX"})


class Cell(NamedTuple):
    """`rescued/VNM/KHM`. An official action has no measure: its cell is `official/XXX/KHM`."""

    measure: str
    nationality: str
    country: str

    def __str__(self) -> str:
        return f"{self.measure}/{self.nationality}/{self.country}"

    @property
    def mixed(self) -> bool:
        """Whether the nationality stands for several (foreigners, several in one number, unspecified)."""
        return self.nationality in MIXED

    @property
    def official(self) -> bool:
        """Whether this is a shelf of official actions rather than of counted claims."""
        return self.measure == OFFICIAL

    @classmethod
    def parse(cls, text: str) -> Cell:
        """The cell that `text` spells; InvalidValue otherwise."""
        parts = text.split("/")
        if len(parts) != 3 or not all(parts):
            raise InvalidValue("cell", f"{shown(text)} is not measure/nationality/country, such as rescued/VNM/KHM")
        return cls(*parts)


def cell_of(key: str) -> str:
    """The cell that an estimate's key is of, or lies in: `arrested/XXX/KHM` for `arrested/XXX/KHM/KH-12`."""
    return "/".join(key.split("/")[:3])
