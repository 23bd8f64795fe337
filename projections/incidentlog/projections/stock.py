"""Step 8: stocks. The best-ranked authority's newest firm value speaks; nothing is ever added over time."""

from __future__ import annotations

from bisect import bisect_left, insort
from operator import attrgetter

from incidentlog.projections.entry import Entry
from incidentlog.projections.high import Account
from incidentlog.projections.nothing import NOTHING

_order = attrgetter("end", "published", "id")


class Stocks:
    """Stocks of a cell by authority, each list by as-of, then published, then id.

    An authority's newest firm, quantified, country-level stock is its value; what it said of earlier days is superseded.
    Its value's high, and the high of whatever it says of later days (less than firm, of a subdivision, without a number),
    only raise the cell's high: high is the greatest of them, never a sum.
    """

    __slots__ = ("accounts",)

    def __init__(self) -> None:
        self.accounts: dict[Account, list[Entry]] = NOTHING

    def add(self, entry: Entry) -> None:
        """Take a stock in."""
        entry.account.statements += 1
        if self.accounts is NOTHING:
            self.accounts = {}
        insort(self.accounts.setdefault(entry.account, []), entry, key=_order)

    def remove(self, entry: Entry) -> None:
        """Let a stock go."""
        entry.account.statements -= 1
        mine = self.accounts[entry.account]
        del mine[bisect_left(mine, _order(entry), key=_order)]
        if not mine:
            del self.accounts[entry.account]

    def spoken(self) -> Entry | None:
        """The stock that speaks for the cell: of the best class the newest, then the greatest, then the least id."""
        values = [value for value in map(self.value, self.accounts) if value is not None]
        return min(values, key=lambda e: (e.account.rank, -e.end, -e.value, e.id), default=None)

    def value(self, account: Account) -> Entry | None:
        """What an authority's stocks come to."""
        for entry in reversed(self.accounts[account]):
            if entry.quantified and not entry.subdivision:
                return entry
        return None

    def raising(self) -> list[Entry]:
        """The stocks that high must not lie below."""
        found = []
        for account, mine in self.accounts.items():
            value = self.value(account)
            for entry in reversed(mine):
                if value is not None and entry.end <= value.end:
                    break
                found.append(entry)
            if value is not None:
                found.append(value)
        return found
