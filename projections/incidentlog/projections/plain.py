"""Statements that neither contain claims of other cells nor are part of any, as they travel: few bytes, read when needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import Any

import orjson

from incidentlog.projections.entry import KINDS, NUMBERS, Entry, named
from incidentlog.projections.high import Account
from incidentlog.projections.tally import Tally
from incidentlog.projections.wordings import merged_entry
from incidentlog.schemas.statements import FIRM, OPEN, Content

Packed = list[Any]
_USUAL: Sequence[Any] = (FIRM, False, "")
#: Of most articles only the day is known: then this is left out.
LAST_MOMENT = "23:59:59.999999Z"


def pack(statements: Iterable[Entry]) -> bytes:
    """JSON of statements, the authorities they come from first; empty for none."""
    accounts: dict[tuple[str, str, str], int] = {}
    packed: list[Packed] = []
    for each in statements:
        high, best = each.high, each.best
        row = [
            each.id, accounts.setdefault(each.account.key, len(accounts)), NUMBERS[each.kind], each.start, each.end,
            each.low, best, None if high >= OPEN else high, each.published.removesuffix(LAST_MOMENT),
        ]  # fmt: skip
        more = () if each.wordings is None else each.ids[1:]
        if each.grade != FIRM or each.prior_unknown or each.subdivision or more:
            row += (each.grade, each.prior_unknown, each.subdivision, *more)
        packed.append(row)
    return orjson.dumps([list(accounts), packed]) if packed else b""


def unpack(raw: bytes, tally: Tally) -> Iterator[tuple[Packed, Account]]:
    """The statements that `pack` wrote, each with its account in a tally."""
    if raw:
        keys, packed = orjson.loads(raw)
        accounts = [tally.account(tuple(key)) for key in keys]
        for row in packed:
            yield row, accounts[row[1]]


def entry_of_packed(row: Packed, account: Account) -> Entry:
    """A statement's entry. It goes by its first claim's id; its wordings only have names."""
    name, _, kind, start, end, low, best, high, published, *rest = row
    grade, unknown, place, *more = rest or _USUAL
    if published.endswith("T"):
        published += LAST_MOMENT
    content = Content(name, "", "", "", intern(place), KINDS[kind], start, end, low, best, OPEN if high is None else high,
                      grade, unknown, "", published)  # fmt: skip
    return _entry((name, *more), content, account)


def again(entry: Entry, tally: Tally) -> Entry:
    """The entry of the same statement for another tally."""
    return _entry(entry.ids, entry.content, tally.account(entry.account.key))


def says(entry: Entry, row: Packed, account: Account) -> bool:
    """Whether that is the entry of this statement."""
    return (
        entry.end == row[4]
        and entry.low == row[5]
        and entry.best == row[6]
        and entry.high == (OPEN if row[7] is None else row[7])
        and entry.start == row[3]
        and entry.account is account
        and entry.published.removesuffix(LAST_MOMENT) == row[8]
        and entry.kind == KINDS[row[2]]
        and (entry.grade, entry.prior_unknown, entry.subdivision, *entry.ids[1:]) == tuple(row[9:] or _USUAL)
    )


def _entry(claims: Iterable[str], content: Content, account: Account) -> Entry:
    return merged_entry([named(claim, "", content, account) for claim in claims])
