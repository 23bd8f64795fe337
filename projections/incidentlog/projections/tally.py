"""The tally of one scope, a cell or a subdivision: steps 2 to 8 over its live claims, kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import cast

from incidentlog.projections.anchors import Anchors
from incidentlog.projections.bounds import estimate
from incidentlog.projections.clusters import Clusters
from incidentlog.projections.containment import Containment
from incidentlog.projections.counted import Counted
from incidentlog.projections.entry import CUMULATIVE, STOCK, Entry, FullEntry
from incidentlog.projections.estimate import Estimate
from incidentlog.projections.high import NO_SIGNS, Account
from incidentlog.projections.rank import rank
from incidentlog.projections.schedule import Schedule
from incidentlog.projections.stock import Stocks
from incidentlog.projections.wordings import Wordings, merge, numbers
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import FIRM, OPEN

_low, _end = attrgetter("low"), attrgetter("end")
#: What distinguishes two merged statements with the same first claim.
_said = attrgetter("id", "grade", "low", "best", "high", "conflict")
#: Among so many statements that no step has heard of, one is looked for.
FEW = 64


class Tally:
    """`put` and `drop` bring and take live claims; `estimate` says what they come to.

    `find` gives the live claim with an id, `known` tells whether a claim was ever in the cell. Each statement reaches only
    the steps it has a bearing on, and not before a number is asked for: by then it may say something else, and what came
    together goes faster in the order of days. `live` counts claims, `doubtful` (less than firm), `flows` and `conflicts`
    (wordings at odds) statements, `heard` authorities, `signs` those with a baseline unknown, a figure revised, a break.
    """

    __slots__ = (
        "_cell", "_host_first", "_pending", "_unsettled", "accounts", "anchor", "anchors", "clusters", "conflicts", "counted",
        "doubtful", "find", "flows", "heard", "high", "live", "parts", "schedule", "signs", "statements", "stock", "stocks",
    )  # fmt: skip

    def __init__(
        self,
        cell: Cell,
        find: Callable[[str], Entry | None],
        known: Callable[[str], bool],
        *,
        host_first: bool,
    ) -> None:
        self._cell, self._host_first, self.find = cell, host_first, find
        self.anchor: Entry | None = None
        self.stock: Entry | None = None
        #: Statements that are to be counted, but that no step has heard of.
        self._pending: list[Entry] = []
        self._unsettled: list[Account] = []
        self.signs = [0, 0, 0]
        self.high = self.flows = 0
        self.live = self.doubtful = self.conflicts = self.heard = 0
        self.accounts: dict[tuple[str, str, str], Account] = {}
        self.statements: dict[str, Entry] = {}
        self.parts = Containment(self.statement_of, known)
        self.schedule = Schedule(_low)
        self.anchors = Anchors()
        self.clusters = Clusters()
        self.stocks = Stocks()
        self.counted = Counted()

    def account(self, key: tuple[str, str, str]) -> Account:
        """The account of an authority (id, standing, country), opened if need be."""
        account = self.accounts.get(key)
        if account is None:
            account = Account(key, rank(self._cell, key[1], key[2], host_first=self._host_first))
            self.accounts[account.key] = account
        return account

    def statement_of(self, claim: str) -> Entry | None:
        """The live statement a claim belongs to."""
        entry = self.find(claim)
        return None if entry is None else self.statements.get(entry.key)

    def put(self, claim: Entry) -> None:
        """A claim is live (and found by its id from now on)."""
        self.live += claim.size
        before = self.statements.setdefault(claim.key, claim)
        named = self.parts.named
        if before is not claim:
            wordings = before.wordings or Wordings((before,))
            wordings.add(claim)
            if claim.id > before.id and claim.id not in named and numbers(claim) == numbers(before):
                self._stand(before, wordings)  # what all say together stays the same, and who says it first
            else:
                self._replace(before, wordings, claim.id)
        elif type(claim) is Entry and claim.id not in named and claim.wordings is None:
            claim.counted = True
            self._pending.append(claim)
        else:
            self._enter(claim)
            self._review([*self.parts.close(claim), claim, *self.parts.parts(claim.ids)])

    def drop(self, claim: Entry) -> None:
        """A claim is live no more (and its id no longer finds it)."""
        self.live -= 1
        before = self.statements[claim.key]
        if before.wordings is None:
            around = self.parts.open(before, claim.id)
            self._leave(before)
            self._review([other for other in around if other is not before])
            self._review(self.parts.parts((claim.id,)))
            return
        before.wordings.remove(claim)
        self._replace(before, before.wordings, claim.id)

    def _replace(self, before: Entry, wordings: Wordings, claim: str) -> None:
        """A statement has one claim more, or less, and may say something else now.

        What it contains stays contained, but for what names the one claim, and unless its grade changed.
        """
        after, parts = merge(wordings), self.parts
        rewired = claim in parts.named or before.part_of != after.part_of
        if not rewired and type(before) is type(after) and _said(before) == _said(after):
            self._stand(before, wordings)
            return
        around = parts.open(before, claim) if rewired else []
        if before.circular:
            cast(FullEntry, after).circular, cast(FullEntry, before).circular = True, False  # both name a container
        self._leave(before)
        if before is not after:
            self._stand(before, None)
        self._stand(after, wordings)
        self._enter(after)
        if rewired:
            around += parts.close(after)
        if parts.named:
            around += parts.parts((claim,) if before.grade == after.grade else (claim, *after.ids))
        self._review([after, *(other for other in around if other is not before)])

    def _stand(self, entry: Entry, wordings: Wordings | None) -> None:
        """An entry stands for these claims from now on; None: for itself."""
        before, size = entry.size, 1
        if wordings is not None:
            wordings.size = size = len(wordings.entries)
        entry.wordings = wordings if size > 1 else None
        self.counted.resize(entry, size - before)

    def _enter(self, entry: Entry) -> None:
        self.statements[entry.key] = entry
        self.doubtful += entry.grade != FIRM
        self.conflicts += entry.conflict
        if entry.part_of:
            self.parts.enter(entry)

    def _leave(self, entry: Entry) -> None:
        del self.statements[entry.key]
        self.doubtful -= entry.grade != FIRM
        self.conflicts -= entry.conflict
        if entry.part_of:
            self.parts.leave(entry)
        if entry.counted:
            self._discount(entry)

    def _review(self, entries: list[Entry]) -> None:
        """Count those that no live statement contains, and no others."""
        for entry in entries:
            contained = self.parts.contained(entry)
            if contained and entry.counted:
                self._discount(entry)
            elif not contained and not entry.counted:
                self._count(entry)

    def _count(self, entry: Entry) -> None:
        entry.counted = True
        self._pending.append(entry)

    def _take_in(self) -> None:
        """Let the steps hear of what is to be counted."""
        pending, self._pending = self._pending, []
        if len(pending) > 1:
            pending.sort(key=_end)
        opened: list[Entry] = []
        for entry in pending:
            account = entry.account
            if not account.unsettled:
                self._mark(account)
            if entry.kind == STOCK:
                self.stocks.add(entry)
                continue
            self.flows += 1
            changed = account.add(entry)
            if changed:
                self._open(opened)
                opened = []
                self._turn(changed)
            if not entry.revised:
                opened.append(entry)
        self._open(opened)

    def _discount(self, entry: Entry) -> None:
        if self._pending:
            if len(self._pending) <= FEW and entry in self._pending:
                self._pending.remove(entry)
                entry.counted = False
                return
            self._take_in()
        entry.counted = False
        account = entry.account
        if not account.unsettled:
            self._mark(account)
        if entry.kind == STOCK:
            self.stocks.remove(entry)
            return
        self.flows -= 1
        if not entry.revised:
            self._close(entry)
        self._turn(account.remove(entry))

    def _turn(self, entries: Iterable[Entry]) -> None:
        """Figures were taken back, or are so no more."""
        for entry in entries:
            if entry.revised:
                self._close(entry)
            else:
                self._open((entry,))

    def _open(self, entries: Iterable[Entry]) -> None:
        """Statements that can be counted in low and best, as far as they are quantified."""
        windows = [entry for entry in entries if entry.grade == FIRM and (entry.low > 0 or entry.best is not None)]
        self.schedule.add(windows)
        anchors, clusters = self.anchors, self.clusters
        for entry in windows:
            if entry.start == 0 and entry.kind == CUMULATIVE and not entry.subdivision:
                anchors.add(entry)
            else:
                clusters.add(entry)

    def _close(self, entry: Entry) -> None:
        if not entry.quantified:
            return
        self.schedule.remove(entry)
        if entry.start == 0 and entry.kind == CUMULATIVE and not entry.subdivision:
            self.anchors.remove(entry)
        else:
            self.clusters.remove(entry)

    def _mark(self, account: Account) -> None:
        account.unsettled = True
        self._unsettled.append(account)

    def settle(self) -> None:
        """Bring high, the anchor, the clusters and what is counted up to date; nothing is done again that no change touched."""
        if self._pending:
            self._take_in()
        for account in self._unsettled:
            account.unsettled = False
            heard = account.statements > 0
            self.heard += heard - account.heard
            account.heard = heard
            total = account.total
            self.high += total - account.settled
            account.settled = total
            signs = account.look() if account.unbased or account.revised or account.breaks else NO_SIGNS
            if signs is not account.signs:
                self.signs = [n + new - old for n, new, old in zip(self.signs, signs, account.signs, strict=True)]
                account.signs = signs
        self._unsettled.clear()
        counted, schedule, clusters = self.counted, self.schedule, self.clusters
        anchor = self.anchors.newest()
        clusters.take_in(-1 if anchor is None else anchor.end, schedule)
        if schedule.touched != OPEN:
            gone, came = schedule.renew()
            if gone or came:
                counted.low(gone, came)
        if clusters.dirty or clusters.dropped:
            counted.best(*clusters.renew())
        if anchor is not self.anchor:
            counted.best(_some(self.anchor), _some(anchor))
            self.anchor = anchor
        stock = self.stocks.spoken() if self.stocks.accounts and not self.flows else None
        if stock is not self.stock:
            counted.low(_some(self.stock), _some(stock))
            counted.best(_some(self.stock), _some(stock))
            self.stock = stock

    def estimate(self) -> Estimate:
        """What the live claims come to."""
        return estimate(self)

    def counted_in_best(self) -> list[Entry]:
        """The anchor and what each cluster adds, by the end of their windows."""
        return [*_some(self.anchor), *(entry for cluster in self.clusters.clusters for entry in cluster.counted)]


def _some(entry: Entry | None) -> tuple[Entry, ...]:
    return () if entry is None else (entry,)
