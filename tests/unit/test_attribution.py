"""Parts whose containers live, die and come back: both stages equal a fold from scratch, whatever is lost between."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import pytest

from incidentlog.projections import at_once, lane, split, telling, told
from incidentlog.projections.at_once import AtOnce
from incidentlog.projections.breakdowns import Breakdowns
from incidentlog.projections.split import Rest, Split
from incidentlog.projections.telling import Telling
from incidentlog.projections.watched import WatchedFold
from support.attributions import Rows, attributions, first_difference, rows_of
from support.rollup_cases import claim
from support.rollup_follower import ALL, expected, host_first, seen

#: A number is worked out anew each time, kept up to date from the first, or as it comes.
WAYS = {"at once": (10**9, 10**9), "kept": (0, 0), "as usual": (split.FEW, split.OFTEN), "soon kept": (6, 2)}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    few, often = WAYS[request.param]
    monkeypatch.setattr(split, "FEW", few)
    monkeypatch.setattr(split, "OFTEN", often)
    monkeypatch.setattr(telling, "BLOCK", 3)
    return str(request.param)


@pytest.mark.parametrize("seed", range(6))
def test_each_step_equals_a_fold_from_scratch(seed: int, way: str) -> None:
    assert way in WAYS
    assert first_difference(seed, 40, every=1) == 0


@pytest.mark.parametrize("seed", range(5))
def test_several_statements_to_a_transaction(seed: int, way: str) -> None:
    assert way in WAYS
    assert first_difference(100 + seed, 120, every=7) == 0


@pytest.mark.parametrize("seed", range(12))
def test_a_fold_from_scratch_equals_the_specification(seed: int) -> None:
    statements = attributions(random.Random(seed), 60)
    assert {key: seen(row) for key, row in rows_of(statements).items()} == expected(statements)


SEEDS = range(12)


@cache
def scratch(seed: int, number: int) -> Rows:
    """What the mutants are compared with, made without them."""
    return rows_of(attributions(random.Random(seed), 60)[:number])


def _scratch(seed: int, done: Sequence[Any]) -> Rows:
    return scratch(seed, len(done))


def differs() -> bool:
    """Whether any history goes wrong, or cannot be folded at all."""
    try:
        return any(first_difference(seed, 60, every=4, rows=partial(_scratch, seed)) for seed in SEEDS)
    except (KeyError, AssertionError):
        return True


@pytest.fixture(scope="module", autouse=True)
def _scratched() -> None:
    """Before anything is altered."""
    for seed in SEEDS:
        for number in range(4, 61, 4):
            scratch(seed, number)


def nothing(*_: Any, **__: Any) -> None:
    """Leave it undone."""


def never_again(self: WatchedFold, scopes: Any, tell: Any = WatchedFold.tell) -> Any:
    """Blocks of whoever had the cell before are taken for one's own."""
    tellings = tell(self, scopes)
    for each in tellings.values():
        each.since = 1
    return tellings


def firsts_alone(self: WatchedFold, entry: Any, *, came: bool) -> None:
    """Only what begins with the claim itself is told again."""
    for each in self._tellings.values():
        each.note(entry.id)


def kept_alive(old: Any, new: Any) -> Any:
    """A statement that is told no more goes on."""
    return [(statement.ids[0], statement) for statement in new if statement not in old]


def highs_of_all(self: Split, first: str, statement: Any, *, attributed: bool, replace: Any = Split.replace) -> None:
    """What is attributed no more still has a part in high."""
    before = self.high
    replace(self, first, statement, attributed=attributed)
    self.high = max(self.high, before)


def only_country(self: WatchedFold, scopes: Any, tell: Any = WatchedFold.tell) -> Any:
    """Subdivisions are not told."""
    return tell(self, [scope for scope in scopes if not scope])


def all_added(self: AtOnce, statements: Any) -> bool:
    """What is part of another statement of the cell counts beside it."""
    for each in statements:
        self._add(each)
    return True


MUTANTS = {
    "no change of a told statement is told": (Telling, "note", nothing, "as usual"),
    "what came is not told": (Telling, "arrive", nothing, "as usual"),
    "what a claim is told together with is not told again": (WatchedFold, "_note", firsts_alone, "as usual"),
    "a telling is never begun anew": (WatchedFold, "tell", never_again, "as usual"),
    "subdivisions are not told": (WatchedFold, "tell", only_country, "as usual"),
    "blocks never go out of date": (told, "_outdated", lambda *_: False, "as usual"),
    "blocks count before their number came": (told, "_counts", lambda *_: True, "as usual"),
    "statements never die": (told, "_changes", kept_alive, "as usual"),
    "everything is attributed": (Breakdowns, "attributed", lambda *_: True, "as usual"),
    "highs of parts stay": (Split, "replace", highs_of_all, "as usual"),
    "no block is read again": (Split, "unread", nothing, "kept"),
    "parts of what lives in the cell count": (AtOnce, "add", all_added, "at once"),
    "nothing is ever taken back": (at_once, "_revised", lambda figures: bytearray(len(figures)), "at once"),
    "what leaves stays": (Rest, "leave", nothing, "kept"),
}


def test_unaltered_nothing_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BLOCK", 3)
    assert not differs()


@pytest.mark.parametrize("name", MUTANTS)
def test_altered_it_differs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, attribute, altered, way = MUTANTS[name]
    monkeypatch.setattr(telling, "BLOCK", 3)
    monkeypatch.setattr(split, "FEW", WAYS[way][0])
    monkeypatch.setattr(split, "OFTEN", WAYS[way][1])
    monkeypatch.setattr(target, attribute, altered)
    assert differs()


def test_numbers_that_did_not_change_are_not_told_again() -> None:
    folded = lane.Lane(host_first, projections=ALL)
    folded.add(*claim("rescued/VNM/KHM", "a", 50))
    assert len(folded.take_changed().contributions) == 2
    folded.add(*claim("rescued/VNM/KHM", "b", 5, part_of="a"))
    changes = folded.take_changed()
    assert [row.live for row in changes.estimates.values()] == [2]
    assert changes.contributions == {}
