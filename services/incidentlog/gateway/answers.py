"""The one place that makes what is shown: every route, stream, feed, file and page asks here, each with its view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidentlog.gateway.views import (
    ClaimAnswer,
    ProjectionsAnswer,
    RowAnswer,
    RowsAnswer,
    Standing,
    TimelineAnswer,
    View,
    WhyAnswer,
)

if TYPE_CHECKING:
    from incidentlog.gateway.service import Gateway


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows: all that are not ruled out. Codes as in keys: `measure` rescued, `nationality` VNM, `place` KHM or KH-12
    (a country takes in its subdivisions), `flag` one of the row's flags."""

    measure: str = ""
    nationality: str = ""
    place: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows whose keys come `after` one, at most `limit`; 0 is all."""

    after: str = ""
    limit: int = 0


class Answers:
    """Answers in one view. Cheap: make one per request.

    UnknownProjection and UnknownKey (errors.py) where there is nothing to show; a row that the view may not show does not
    exist in it. `why`, `timeline` and `claim` fold claims, so they are awaited; NoNumbers for official actions.
    """

    def __init__(self, gateway: Gateway, view: View) -> None:
        self.gateway, self.view = gateway, view

    def projections(self) -> ProjectionsAnswer:
        """All projections."""
        raise NotImplementedError

    def standing(self, projection: str, key: str | None = None) -> Standing:
        """Where a projection stands, or one of its rows."""
        raise NotImplementedError

    def numbers(self, projection: str, chosen: Filter | None = None, page: Page | None = None) -> RowsAnswer:
        """Rows by key."""
        raise NotImplementedError

    def number(self, projection: str, key: str) -> RowAnswer:
        """One row."""
        raise NotImplementedError

    async def why(self, projection: str, key: str) -> WhyAnswer:
        """A number with the claims behind it."""
        raise NotImplementedError

    async def timeline(self, projection: str, key: str) -> TimelineAnswer:
        """How a number grew, and when that was learned."""
        raise NotImplementedError

    async def claim(self, name: str) -> ClaimAnswer:
        """A claim by its id."""
        raise NotImplementedError
