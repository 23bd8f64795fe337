"""What goes with every file that leaves: whose it is, under which licence, by which codebook, and how to cite it."""

from __future__ import annotations

from typing import Any

from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.views import RowsAnswer
from incidentlog.projections.disclosure import CLASSIFICATION

CODEBOOK = "incidentlog codebook"


def address(settings: GatewaySettings, projection: str, key: str | None = None) -> str:
    """Where a projection, or one of its rows, is to be found; without a `base_url` relative to this server."""
    path = f"/projections/{projection}" + (f"/{key}" if key is not None else "")
    return settings.base_url.rstrip("/") + path


def codebook(settings: GatewaySettings) -> str:
    """The rules that made the numbers."""
    return f"{CODEBOOK} {settings.codebook}"


def citation(settings: GatewaySettings, answer: RowsAnswer) -> str:
    """One sentence to cite the numbers by."""
    standing = answer.standing
    told = [
        f"{settings.publisher}: {answer.title}",
        f"{codebook(settings)}, version {standing.version} of the data",
        f"as of {standing.as_of}" if standing.as_of else "",
        f"last changed {standing.recorded}" if standing.recorded else "",
        address(settings, answer.projection),
        f"licence {settings.licence}",
    ]
    return "; ".join(filter(None, told)) + "."


def about(settings: GatewaySettings, answer: RowsAnswer) -> dict[str, Any]:
    """What a file says of itself."""
    standing = answer.standing
    return {
        "projection": answer.projection,
        "title": answer.title,
        "publisher": settings.publisher,
        "licence": settings.licence,
        "codebook": codebook(settings),
        "citation": citation(settings, answer),
        "address": address(settings, answer.projection),
        "dataclassification": CLASSIFICATION[standing.view],
        "version": standing.version,
        "position": standing.position,
        "as_of": standing.as_of,
        "recorded": standing.recorded,
        "quarantined": standing.quarantined,
    }
