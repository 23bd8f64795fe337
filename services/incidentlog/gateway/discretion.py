"""What the public view depends on besides the rows themselves: small cells, embargoes, and which day it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from incidentlog.client.rows import Row
from incidentlog.gateway.claims import Claims
from incidentlog.gateway.mirror import Held, Mirror
from incidentlog.gateway.views import View
from incidentlog.projections.disclosure import FULL, Disclosure, Public, SmallCells
from incidentlog.schemas.registers import Registers


def today() -> date:
    """The day it is, in UTC."""
    return datetime.now(UTC).date()


class Discretion:
    """Follows what decides on the public view; `listeners` hear when rows may have to be shown otherwise than before.

    Make it before any showing of `estimates`, so that it hears of a change first.
    """

    def __init__(
        self, estimates: Mirror, claims: Claims, registers: Registers, clock: Callable[[], date] = today
    ) -> None:
        self._claims, self._registers, self._clock = claims, registers, clock
        self._small = SmallCells()
        self._estimates = estimates
        self._embargoed: set[str] = set()
        self.listeners: list[Callable[[], None]] = []
        self.public = self._public()
        estimates.listeners.append(self._heard)
        claims.listeners.append(self._told)

    def disclosure(self, view: View) -> Disclosure:
        """What a view makes of rows and claims now."""
        return FULL if view == "full" else self.public

    def row(self, row: Row) -> Row | None:
        """A row as the public may see it."""
        shown = self.public.row(row)
        return None if shown is None else dict(shown)

    def turn(self) -> None:
        """Look what day it is, and what that lets be shown."""
        embargoed = self._claims.embargoed(self._clock())
        if self._clock() != self.public.today or embargoed != self._embargoed:
            self._embargoed = embargoed
            self._changed()

    def _public(self) -> Public:
        return Public(self._clock(), self._small, embargoed=self._embargoed, registers=self._registers)

    def _changed(self) -> None:
        self.public = self._public()
        for listener in self.listeners:
            listener()

    def _told(self, _cell: str) -> None:
        self.turn()

    def _heard(self, changes: Sequence[Held]) -> None:
        if len(changes) > 1:
            self._small = SmallCells()
            changes = list(self._estimates.held.values())
        turned = [self._small.apply(each.key, each.row) for each in changes if each.key.count("/") > 2]
        if len(changes) > 1 or any(turned):
            self._changed()
