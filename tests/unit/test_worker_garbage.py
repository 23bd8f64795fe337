"""What a worker looks at for garbage: never twice at what has come to stay, however little happens afterwards."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from incidentlog.worker.claims import Counts
from incidentlog.worker.memory import Tending


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def _looked(counts: Counts, *, seconds: float) -> int:
    """Objects that are set apart by a look that takes so long."""
    times = iter([0.0, seconds])
    before = gc.get_freeze_count()
    Tending(counts, lambda: next(times)).look()
    return gc.get_freeze_count() - before


def test_what_took_long_to_look_at_is_not_looked_at_again() -> None:
    left = [[number] for number in range(10_000)]  # as roll-ups are left by a rush whose events are settled
    assert _looked(Counts(), seconds=0.2) >= len(left)
    assert _looked(Counts(), seconds=0.001) == 0


def test_an_idle_worker_sets_nothing_apart() -> None:
    in_hand = [[number] for number in range(100)]
    assert _looked(Counts(), seconds=0.01) == 0
    assert len(in_hand) == 100


def test_what_was_folded_since_the_last_look_is_set_apart() -> None:
    assert _looked(Counts(events=5_000), seconds=0.01) > 0


def test_garbage_goes_before_anything_is_set_apart() -> None:
    class Link:
        other: Link

    def circle() -> weakref.ref[Link]:
        one, two = Link(), Link()
        one.other, two.other = two, one
        return weakref.ref(one)

    gc.disable()
    try:
        gone = circle()
        _looked(Counts(), seconds=0.2)
        assert gone() is None
    finally:
        gc.enable()
