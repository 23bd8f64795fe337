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

#: Whether an estimate, by its key, may have to be shown otherwise than before.
Affects = Callable[[str], bool]


def today() -> date:
    """The day it is, in UTC."""
    return datetime.now(UTC).date()


class Discretion:
    """Follows what decides on the public view; `listeners` hear when rows may have to be shown otherwise than before:
    which estimates, and any roll-up; None is all rows there are.

    Make it before any showing of `estimates`, so that it hears of a change first.
    """

    def __init__(
        self, estimates: Mirror, claims: Claims, registers: Registers, clock: Callable[[], date] = today
    ) -> None:
        self._claims, self._registers, self._clock = claims, registers, clock
        self._small = SmallCells()
        self._estimates = estimates
        self._embargoed: set[str] = set()
        self.listeners: list[Callable[[Affects | None], None]] = []
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
            self._changed(None)

    def _public(self) -> Public:
        return Public(self._clock(), self._small, embargoed=self._embargoed, registers=self._registers)

    def _changed(self, affects: Affects | None) -> None:
        self.public = self._public()
        for listener in self.listeners:
            listener(affects)

    def _told(self, cell: str) -> None:
        if not cell:
            self.turn()
            return
        held = self._claims.holds(cell, self._clock())
        if held != (cell in self._embargoed):
            self._embargoed = self._embargoed | {cell} if held else self._embargoed - {cell}
            self._changed(lambda key: key.startswith(cell))

    def _heard(self, changes: Sequence[Held]) -> None:
        if len(changes) > 1:
            self._small = SmallCells()
            changes = list(self._estimates.held.values())
        turned = {self._small.apply(each.key, each.row) for each in changes if each.key.count("/") > 2} - {None}
        if len(changes) > 1:
            self._changed(None)
        elif turned:
            self._changed(lambda key: key.count("/") > 2 and tuple(key.split("/")[0:3:2]) in turned)
