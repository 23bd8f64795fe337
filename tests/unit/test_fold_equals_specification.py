"""The incremental fold equals the plain one after every step of random histories, and lineage agrees with both."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentlog.projections import tally, wordings
from incidentlog.projections.cell import CellFold, estimate_of
from incidentlog.projections.estimate import Estimate
from incidentlog.projections.merged import Merged
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import (
    BY_KEY,
    CLAIM,
    CORRECTION,
    FIRM,
    GRADING,
    OPEN,
    RETRACTION,
    Content,
    Statement,
)
from support.histories import AUTHORITIES, history, make
from support.plain_fold import PlainFold
from support.plain_resolve import speaking

KNOWN = "2022-10-04T00:00:00.000000Z"
SEEDS = 600


def compared(cell: Cell, events: list[Statement], rng: random.Random, *, step: float) -> CellFold:
    """The fold of these events, compared with the plain one at every step with this probability, and at the end."""
    host_first, until = rng.random() < 0.3, rng.choice([0, 0, 0, rng.randint(1, 60)])
    known = rng.choice(["", "", "", KNOWN])
    fold = CellFold(cell, host_first=host_first, until=until, known=known)
    plain = PlainFold(cell, host_first=host_first, until=until, known=known)
    for n, event in enumerate(events, 1):
        fold.add(event)
        if n == len(events) or rng.random() < step:
            for scope in {*fold.scopes, "", "KH-12"}:
                outcome = plain.fold(events[:n], scope)
                assert fold.estimate(scope) == (outcome and outcome.estimate)
                if outcome is not None:
                    consistent(fold, scope, outcome.estimate)
    return fold


def consistent(fold: CellFold, scope: str, estimate: Estimate) -> None:
    """What lineage says adds up to the estimate, and the bounds are in order."""
    assert 0 <= estimate.low <= (estimate.low if estimate.best is None else estimate.best) <= estimate.high <= OPEN
    lineage = fold.lineage(scope)
    words = [set(treatment.treatment) for treatment in lineage]
    assert all(words)
    assert all(treatment.reason.endswith(".") for treatment in lineage)
    assert sum(bool(each & {"counted_in_low", "counted_in_best"}) for each in words) == estimate.counted_total
    assert sum("outside" not in each for each in words) == estimate.live
    numbers = {statement.ids[0]: statement for statement in fold.merged(scope)}
    first = {t.id: set(t.treatment) for t in lineage if t.id in numbers}
    assert sum(numbers[name].low for name, each in first.items() if "counted_in_low" in each) == estimate.low
    if "best_raised" not in estimate.flags:
        best = [numbers[name] for name, each in first.items() if "counted_in_best" in each]
        assert sum(m.low if m.best is None else m.best for m in best) == (estimate.best or 0)


@pytest.mark.parametrize("block", range(6))
def test_random_histories(block: int) -> None:
    for seed in range(block * SEEDS // 6, (block + 1) * SEEDS // 6):
        rng, events = history(seed)
        cell = Cell("rescued", rng.choice(["VNM", "VNM", "QMF", "KHM"]), "KHM")
        fold = compared(cell, events, rng, step=0.5)
        shuffled = rng.sample(events, len(events))
        again = CellFold(cell, host_first=fold.host_first, until=fold.until, known=fold.known)
        for event in shuffled + rng.choices(events, k=3):
            again.add(event)
        assert again.version == fold.version
        assert again.scopes == fold.scopes
        for scope in fold.scopes:
            assert again.estimate(scope) == fold.estimate(scope)
            assert again.lineage(scope) == fold.lineage(scope)
            assert {m.ids: m for m in again.merged(scope)} == {m.ids: m for m in fold.merged(scope)}
            assert again.foreign_parts(scope) == fold.foreign_parts(scope)


def test_what_waits_is_found_or_taken_in_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "FEW", 1)
    for seed in range(9000, 9100):
        rng, events = history(seed)
        compared(Cell("rescued", "VNM", "KHM"), events, rng, step=0.15)


def test_wordings_kept_by_grade_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordings, "FEW", 0)
    for seed in range(150):
        rng, events = history(seed)
        compared(Cell("rescued", "VNM", "KHM"), events, rng, step=0.5)


def test_statements_at_hand_fold_like_a_cell() -> None:
    for seed in range(300):
        rng, events = history(seed)
        cell = Cell("rescued", "VNM", "KHM")
        fold = CellFold(cell, host_first=False)
        for event in events:
            fold.add(event)
        some = [Merged.unpack(m.pack()) for m in fold.merged() if rng.random() < 0.8]
        plain = PlainFold(cell, host_first=bool(seed % 2)).count(some).estimate
        assert estimate_of(cell, bool(seed % 2), rng.sample(some, len(some))) == plain


def test_a_part_of_something_elsewhere_is_told() -> None:
    for seed in range(300):
        _, events = history(seed)
        fold = CellFold(Cell("rescued", "VNM", "KHM"), host_first=False)
        for event in events:
            fold.add(event)
        known = {name for name, copy in speaking(events)[0].items() if copy.verb == CLAIM}
        for scope in fold.scopes:
            named = {m.part_of for m in fold.merged(scope) if m.part_of}
            assert fold.foreign_parts(scope) == sum(name not in known for name in named)


@st.composite
def contents(draw: st.DrawFn) -> Content:
    authority, standing, country = draw(st.sampled_from(AUTHORITIES))
    kind = draw(st.sampled_from(["cumulative", "increment", "planned", "stock"]))
    end = draw(st.integers(1, 12)) * draw(st.sampled_from([1, 30]))
    start = draw(st.sampled_from([0, 1])) if kind == "cumulative" else draw(st.integers(max(1, end - 4), end))
    low = draw(st.integers(0, 9))
    high = draw(st.sampled_from([low, low + 3, OPEN]))
    return Content(
        statement_key=draw(st.sampled_from("KLMNOPQ")),
        authority=authority,
        standing=standing,
        country=country,
        subdivision=draw(st.sampled_from(["", "", "KH-12"])),
        kind=kind,
        start=start,
        end=end,
        low=low,
        best=draw(st.sampled_from([None, low, min(high, low + 2)])),
        high=high,
        grade=draw(st.sampled_from([FIRM, FIRM, 1, 0])),
        prior_unknown=draw(st.booleans()),
        part_of=draw(st.sampled_from(["", "", *NAMES])),
        published=draw(st.sampled_from(["2022-09-01", "2022-09-02"])),
    )


NAMES = [f"c{n}" for n in range(6)]


@st.composite
def events(draw: st.DrawFn) -> Statement:
    verb = draw(st.sampled_from([CLAIM, CLAIM, CLAIM, CORRECTION, RETRACTION, GRADING]))
    return make(
        verb,
        draw(st.sampled_from(NAMES if verb == CLAIM else [f"e{n}" for n in range(6)])),
        content=draw(contents()) if verb in (CLAIM, CORRECTION) else None,
        target="" if verb == CLAIM else draw(st.sampled_from([*NAMES, "e0", "e1", f"{BY_KEY}K", f"{BY_KEY}L"])),
        time=draw(st.sampled_from(["2022-11-01", "2022-11-02"])),
        grade=draw(st.integers(0, 2)),
        recorded=draw(st.sampled_from(["2022-10-01T00:00:00.000000Z", "2022-10-09T00:00:00.000000Z"])),
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(events(), min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_any_few_events(listed: list[Statement], rng: random.Random) -> None:
    compared(Cell("rescued", "VNM", "KHM"), listed, rng, step=0.6)


@pytest.mark.parametrize("block", range(4))
def test_totals_that_contradict_each_other(block: int) -> None:
    flagged: Counter[str] = Counter()
    cell = Cell("rescued", "VNM", "KHM")
    for seed in range(block * 40, block * 40 + 40):
        rng = random.Random(seed)
        fold, plain = CellFold(cell, host_first=False), PlainFold(cell, host_first=False)
        events: list[Statement] = []
        for n in range(40):
            if events and rng.random() < 0.25:
                events.append(make(RETRACTION, f"r{n}", target=rng.choice(events).id))
            else:
                low, since = rng.randint(1, 50), rng.choice([0, 0, 0, 1])
                high = rng.choice([low, low + 5, OPEN])
                content = Content(f"c{n}", "vn-mofa", "state", "VNM", "", "cumulative", since, rng.randint(1, 40) * 11,
                                  low, low, high, FIRM, prior_unknown=False, part_of="", published="")  # fmt: skip
                events.append(make(CLAIM, f"c{n}", content=content))
            fold.add(events[-1])
            outcome = plain.fold(events)
            assert outcome is not None
            assert fold.estimate() == outcome.estimate
            flagged.update(outcome.estimate.flags)
    assert min(flagged["revision_down"], flagged["series_break"]) > 100
