"""Health from how far something is, on a clock of the test's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidentlog.observing.health import Health
from incidentlog.observing.trend import Place, Seen
from incidentlog.worker.health import Facts, judge

#: When the tests happen by the clock of the records; the other one begins at 1,000.
NOW = 1_700_000_000.0
CLAIMS = Place("estimates", "t.rescue-reported", 2)
RAIDS = Place("estimates", "t.raid-conducted", 2)
OTHER = Place("estimates", "t.rescue-reported", 3)


class Worker:
    """One that is looked at every five seconds."""

    def __init__(self) -> None:
        self.moment = 1_000.0
        self.facts = Facts(began=990.0, beat=1_000.0, recovered_at=991.0, owned={"estimates": (2, 3)})

    def look(self, **places: tuple[int, int, float | None]) -> Health:
        """After five seconds: `claims`, `raids`, `other` as (position, end, seconds that the oldest waits)."""
        self.moment += 5
        self.facts.beat = self.moment
        seen = {}
        for name, (position, end, waits) in places.items():
            place = {"claims": CLAIMS, "raids": RAIDS, "other": OTHER}[name]
            seen[place] = Seen(position, end, None if waits is None else self.now - waits)
        self.facts.trend.note(self.moment, seen)
        return self.health

    @property
    def now(self) -> float:
        return NOW + self.moment

    @property
    def health(self) -> Health:
        return judge(self.facts, self.moment, self.now)


def test_one_that_waits_for_an_idle_topic_is_healthy_however_long() -> None:
    worker = Worker()
    for _ in range(1_000):
        assert worker.look(claims=(7, 7, None), other=(0, 0, None)) == replace(worker.health, live=True, ready=True)
    # A transaction's marker at the end is nothing to read.
    assert [worker.look(claims=(7, 8, None)).ready for _ in range(10)] == [True] * 10


def test_one_that_stands_still_is_dead_within_thirty_seconds_and_says_where() -> None:
    worker = Worker()
    worker.look(claims=(7, 7, None), other=(3, 3, None))
    began = worker.moment
    while worker.look(claims=(7, 9, worker.moment - began), other=(3, 3, None)).live:
        assert worker.moment - began < 30
    assert worker.moment - began == 25  # five until it was seen, and twenty
    assert worker.health.why == ("estimates partition 2 stands still for 20 s, 2 records before the end",)
    assert not worker.health.ready
    assert worker.look(claims=(8, 9, 30), other=(3, 3, None)).live, "one step, and it moves"


def test_other_topics_of_a_partition_number_are_its_steps_and_other_numbers_are_not() -> None:
    worker = Worker()
    for step in range(20):
        assert worker.look(claims=(7, 900, 1), raids=(step, 900, 1)).live
    worker = Worker()
    for step in range(20):
        worker.look(claims=(7, 900, 1), other=(step, 900, 1))
    assert worker.health.why[0].startswith("estimates partition 2 stands still for 95 s")


def test_one_that_catches_up_is_live_and_not_ready_until_what_it_has_is_current() -> None:
    worker = Worker()
    for left, waits in ((900, 3_600), (600, 1_800), (300, 31)):
        health = worker.look(claims=(1_000 - left, 1_000, waits))
        assert (health.live, health.ready) == (True, False)
        assert health.why == (f"estimates partition 2 catches up: {left} records, the oldest waiting for {waits} s",)
    assert worker.look(claims=(990, 1_000, 2.0)).ready
    assert worker.health.told["lag"] == [{"stage": "estimates", "partition": 2, "records": 10, "seconds": 2.0}]
    worker.look(claims=(991, 1_200, 40.0))
    assert worker.health.why == ("estimates partition 2 falls behind: 209 records, the oldest waiting for 40 s",)


def test_a_broker_that_is_away_is_no_reason_to_start_a_worker_anew() -> None:
    worker = Worker()
    worker.look(claims=(7, 900, 1))
    worker.facts.silent_since = worker.moment
    worker.moment += 300
    worker.facts.beat = worker.moment
    assert worker.health == replace(
        worker.health, live=True, ready=False, why=("the broker has not answered for 300 s",)
    )
    worker.facts.silent_since = None
    worker.facts.trend.miss()
    assert worker.look(claims=(7, 900, 301)).live, "what happened while nobody could look is not held against it"
    assert [worker.look(claims=(7, 900, 301)).live for _ in range(4)] == [True, True, True, False]


def test_a_loop_that_hangs_is_dead_and_says_what_it_was_folding() -> None:
    worker = Worker()
    worker.look(claims=(7, 7, None))
    worker.facts.busy = ("estimates", 2)
    worker.moment += 26
    assert not worker.health.live
    assert worker.health.why == ("its loop has not run for 26 s, while it folds estimates partition 2",)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"recovered_at": None}, "it has been given no partitions yet, 15 s after it began"),
        ({"recovered_at": 1_006.0}, "it was not looked at how far it is yet"),
        ({"assigned_at": 1_002.0}, "it reads back what it was given 3 s ago"),
        ({"ending": "it was asked to stop"}, "it was asked to stop"),
    ],
)
def test_before_and_after_its_work_it_is_live_and_not_ready(change: dict[str, object], why: str) -> None:
    worker = Worker()
    worker.look(claims=(7, 7, None))
    for name, value in change.items():
        setattr(worker.facts, name, value)
    assert worker.health == replace(worker.health, live=True, ready=False, why=(why,))


def test_a_partition_that_comes_new_has_its_time_and_one_that_went_is_forgotten() -> None:
    worker = Worker()
    for _ in range(10):
        worker.look(claims=(7, 900, 1))
    assert not worker.health.live
    assert worker.look(other=(0, 900, 1)).live
    assert [each.partition for each in worker.facts.trend.standings(worker.now)] == [3]


def test_what_was_stored_since_the_last_look_waits_no_more() -> None:
    worker = Worker()
    assert not worker.look(claims=(7, 9, 60), raids=(0, 5, 50)).ready
    worker.facts.positions = {CLAIMS[1:]: 8, RAIDS[1:]: 5}
    [standing] = worker.facts.trend.standings(worker.now, worker.facts.positions)
    assert (standing.lag, standing.waiting) == (1, 60)
    worker.facts.positions = {CLAIMS[1:]: 9, RAIDS[1:]: 6}
    assert worker.health.ready
    assert worker.health.told["lag"] == [{"stage": "estimates", "partition": 2, "records": 0, "seconds": 0.0}]


def test_the_last_event_applied_is_told() -> None:
    worker = Worker()
    worker.facts.positions = {("t.a", 0): 8, ("t.b", 1): 3}
    worker.facts.newest = {("t.a", 0): NOW, ("t.b", 1): NOW + 1.5, ("t.gone", 0): NOW + 9}
    assert worker.look(claims=(7, 7, None)).told["last_applied"] == {
        "topic": "t.b",
        "partition": 1,
        "offset": 2,
        "appended": "2023-11-14T22:13:21.500Z",
    }
