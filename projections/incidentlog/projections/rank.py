"""Whose word comes first in a cell: the codebook's ranking of authorities (step 6)."""

from __future__ import annotations

from incidentlog.schemas.cells import Cell

OWN_STATE, HOST_STATE, ORGANISATION, THIRD_STATE, MEDIA = range(5)


def rank(cell: Cell, standing: str, country: str, *, host_first: bool) -> int:
    """The class of an authority in this cell, 0 speaking first.

    What happens to persons: their own state, the host state, intergovernmental bodies and NGOs, other states, media.
    `host_first` (raids, arrests, complaints, requests, investigations) puts the host state first.
    """
    if standing != "state":
        return MEDIA if standing == "media" else ORGANISATION
    if country == cell.nationality:
        place = OWN_STATE
    elif country == cell.country:
        place = HOST_STATE
    else:
        return THIRD_STATE
    return 1 - place if host_first else place
