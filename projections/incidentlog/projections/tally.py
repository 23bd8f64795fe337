"""The count of one scope, a cell or a subdivision: steps 2 to 8 over its live claims, kept up to date."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable
from operator import attrgetter

from incidentlog.projections import flags
from incidentlog.projections.anchors import Anchors
from incidentlog.projections.clusters import Clusters
from incidentlog.projections.containment import Containment
from incidentlog.projections.counted import Counted
from incidentlog.projections.entry import CUMULATIVE, STOCK, Entry, merge
from incidentlog.projections.estimate import Estimate
from incidentlog.projections.high import Account
from incidentlog.projections.rank import rank
from incidentlog.projections.schedule import Schedule
from incidentlog.projections.stock import Stocks
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import FIRM, OPEN

_low = attrgetter("low")
_id = attrgetter("id")


class Tally:
    """`put` and `drop` bring and take live claims; `estimate` says what they come to.

    `claims` are the claims known to the cell by id; those in this scope and live are found there by their fate.
    """

    __slots__ = (
        "_anchor", "_cell", "_estimate", "_find", "_flows", "_high", "_host_first", "_signs", "_stock", "_unsettled", "accounts",
        "anchors", "clusters", "conflicts", "counted", "firm", "heard", "live", "parts", "schedule",
        "statements", "stocks",
    )  # fmt: skip

    def __init__(
        self,
        cell: Cell,
        find: Callable[[str], Entry | None],
        known: Callable[[str], bool],
        *,
        host_first: bool,
    ) -> None:
        self._cell, self._host_first, self._find = cell, host_first, find
        self._estimate: Estimate | None = None
        self._anchor: Entry | None = None
        self._stock: Entry | None = None
        self._unsettled: dict[Account, None] = {}
        self._signs = [0, 0, 0]
        self._high = self._flows = 0
        self.live = self.firm = self.conflicts = self.heard = 0
        self.accounts: dict[tuple[str, str, str], Account] = {}
        self.statements: dict[str, Entry] = {}
        self.parts = Containment(self.statement_of, known)
        self.schedule = Schedule(_low)
        self.anchors = Anchors()
        self.clusters = Clusters()
        self.stocks = Stocks()
        self.counted = Counted()

    def account(self, authority: str, standing: str, country: str) -> Account:
        """The account of an authority, opened if need be."""
        key = authority, standing, country
        account = self.accounts.get(key)
        if account is None:
            account = Account(key, rank(self._cell, standing, country, host_first=self._host_first))
            self.accounts[key] = account
        return account

    def statement_of(self, claim: str) -> Entry | None:
        """The live statement a claim belongs to."""
        entry = self._find(claim)
        return None if entry is None else self.statements.get(entry.key)

    def put(self, claim: Entry) -> None:
        """A claim is live (and found by its id from now on)."""
        self.live += 1
        self._estimate = None
        before = self.statements.get(claim.key)
        after = claim
        if before is not None:
            self._leave(before)
            wordings = list(before.wordings or (before,))
            insort(wordings, claim, key=_id)
            after = merge(wordings)
        self._enter(after)

    def drop(self, claim: Entry) -> None:
        """A claim is live no more (and its id no longer finds it)."""
        self.live -= 1
        self._estimate = None
        before = self.statements[claim.key]
        self._leave(before)
        if before.wordings is not None:
            rest = [w for w in before.wordings if w is not claim]
            self._enter(merge(rest) if len(rest) > 1 else rest[0])

    def _enter(self, entry: Entry) -> None:
        self.statements[entry.key] = entry
        self.firm += entry.grade == FIRM
        self.conflicts += entry.conflict
        parts = self.parts
        if not entry.part_of and not parts.named:
            self._count(entry)
            return
        parts.enter(entry)
        for other in parts.around(entry):
            self._review(other)

    def _leave(self, entry: Entry) -> None:
        parts = self.parts
        around = parts.around(entry) if entry.part_of or parts.named else []
        del self.statements[entry.key]
        self.firm -= entry.grade == FIRM
        self.conflicts -= entry.conflict
        parts.leave(entry)
        if entry.counted:
            self._discount(entry)
        for other in around:
            if other is not entry:
                self._review(other)

    def _review(self, entry: Entry) -> None:
        contained = self.parts.contained(entry)
        if contained and entry.counted:
            self._discount(entry)
        elif not contained and not entry.counted:
            self._count(entry)

    def _count(self, entry: Entry) -> None:
        entry.counted = True
        account = entry.account
        if not account.statements:
            self.heard += 1
        if entry.kind == STOCK:
            self.stocks.add(entry)
            return
        self._flows += 1
        self._unsettled[account] = None
        changed = account.add(entry)
        if not entry.revised:
            self._open(entry)
        for other in changed:
            (self._close if other.revised else self._open)(other)

    def _discount(self, entry: Entry) -> None:
        entry.counted = False
        account = entry.account
        if entry.kind == STOCK:
            self.stocks.remove(entry)
        else:
            self._flows -= 1
            self._unsettled[account] = None
            if not entry.revised:
                self._close(entry)
            for other in account.remove(entry):
                self._open(other)
        if not account.statements:
            self.heard -= 1

    def _open(self, entry: Entry) -> None:
        """A statement that can be counted in low and best, if it is quantified."""
        if entry.grade != FIRM or (entry.best is None and entry.low <= 0):
            return
        self.schedule.add(entry)
        if entry.start == 0 and entry.kind == CUMULATIVE and not entry.subdivision:
            self.anchors.add(entry)
        else:
            self.clusters.add(entry)

    def _close(self, entry: Entry) -> None:
        if not entry.quantified:
            return
        self.schedule.remove(entry)
        if entry.start == 0 and entry.kind == CUMULATIVE and not entry.subdivision:
            self.anchors.remove(entry)
        else:
            self.clusters.remove(entry)

    def estimate(self) -> Estimate:
        """Steps 5 to 8. Nothing is done again that no change has touched."""
        if self._estimate is None:
            self._settle()
            self._estimate = (
                self._stock_estimate() if self._stock is not None or not self._flows else self._flow_estimate()
            )
        return self._estimate

    def _settle(self) -> None:
        for account in self._unsettled:
            total, signs = account.total, account.look()
            self._high += total - account.settled
            account.settled = total
            if signs != account.signs:
                self._signs = [n + new - old for n, new, old in zip(self._signs, signs, account.signs, strict=True)]
                account.signs = signs
        self._unsettled.clear()
        counted, schedule, clusters = self.counted, self.schedule, self.clusters
        anchor = self.anchors.newest()
        cut = -1 if anchor is None else anchor.end
        if cut != clusters.cut:
            clusters.move(cut)
        if schedule.touched != OPEN:
            counted.low(*schedule.renew())
        if clusters.dirty or clusters.dropped:
            counted.best(*clusters.renew())
        if anchor is not self._anchor:
            counted.best(_some(self._anchor), _some(anchor))
            self._anchor = anchor
        stock = self.stocks.spoken() if self.stocks.accounts and not self._flows else None
        if stock is not self._stock:
            counted.low(_some(self._stock), _some(stock))
            counted.best(_some(self._stock), _some(stock))
            self._stock = stock

    def _flow_estimate(self) -> Estimate:
        anchor, clusters = self._anchor, self.clusters
        low = self.schedule.total
        best = None
        if anchor is not None:
            best = anchor.value + clusters.total
        elif clusters.entries:
            best = clusters.total
        raised = self._raised()
        if anchor is not None:
            if len(self.schedule.ends) - bisect_right(self.schedule.ends, anchor.end) > len(
                clusters.starts
            ) - bisect_right(clusters.starts, anchor.end):
                raised.append(flags.STRADDLE)
            if self._contradicted(anchor):
                raised.append(flags.AUTHORITY_CONFLICT)
        lifted = best is not None and best < low
        if lifted:
            best = low
            raised.append(flags.BEST_RAISED)
        high = max(self._high, low, best or 0)
        if self.stocks.accounts:
            high = max(high, *(entry.high for entry in self.stocks.raising()))
        chain = self.schedule.chain
        as_of = chain[-1].end if chain else 0
        if not lifted:
            as_of = max(as_of, self._best_as_of())
        return self._made(low, best, high, as_of, raised, low_alone=lifted)

    def _stock_estimate(self) -> Estimate:
        spoken = self._stock
        high = max((entry.high for entry in self.stocks.raising()), default=0)
        if spoken is None:
            return self._made(0, None, high, 0, self._raised(), low_alone=True)
        return self._made(spoken.low, spoken.value, high, spoken.end, self._raised(), low_alone=True)

    def _made(
        self, low: int, best: int | None, high: int, as_of: int, raised: list[str], *, low_alone: bool
    ) -> Estimate:
        raised.sort()
        return Estimate(
            low,
            best,
            min(high, OPEN),
            as_of,
            tuple(raised),
            self.counted.named(self._ref_of, low_alone=low_alone),
            self.counted.total(low_alone=low_alone),
            self.live,
            0,
        )

    def _ref_of(self, claim: str) -> str:
        entry = self._find(claim)
        return "" if entry is None else entry.ref

    def _raised(self) -> list[str]:
        """The flags that hold whatever the numbers are."""
        raised = []
        unbased, revised, broken = self._signs
        if unbased:
            raised.append(flags.BASELINE_UNKNOWN)
        if revised:
            raised.append(flags.REVISION_DOWN)
        if broken:
            raised.append(flags.SERIES_BREAK)
        if self.heard > 1:
            raised.append(flags.SEVERAL_AUTHORITIES)
        if self.conflicts:
            raised.append(flags.STATEMENT_CONFLICT)
        if self.parts.circular:
            raised.append(flags.CONTAINMENT_IGNORED)
        if self.live and not self.firm:
            raised.append(flags.POSSIBLE_ONLY)
        return raised

    def _contradicted(self, anchor: Entry) -> bool:
        """Whether another authority's total, no newer than the anchor, lies above it."""
        if self.heard < 2:
            return False
        for account in self.accounts.values():
            if account.all_time is not None and account is not anchor.account:
                total = account.seen_by(anchor.end)
                if total is not None and total.low > anchor.value:
                    return True
        return False

    def _best_as_of(self) -> int:
        for cluster in reversed(self.clusters.clusters):
            if cluster.counted:
                return cluster.counted[-1].end
        return 0 if self._anchor is None else self._anchor.end


def _some(entry: Entry | None) -> list[Entry]:
    return [] if entry is None else [entry]
