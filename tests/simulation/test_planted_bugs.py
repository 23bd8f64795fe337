"""What the simulation is worth: each way to get exactness wrong is found, within so many runs."""

from __future__ import annotations

import pytest

from simulation import planted
from simulation.one import in_place_of_kafka, run

#: Runs in which the bug must show.
WITHIN = [
    (planted.commit_before_acknowledgement, 10),
    (planted.resume_one_too_far, 10),
    (planted.resume_behind_the_newest_known, 30),
    (planted.no_fence, 200),
    (planted.acknowledgements_out_of_order, 20),
    (planted.read_before_fencing, 400),
    (planted.markers_not_awaited, 400),
    (planted.chunks_dropped_at_a_rebalance, 30),
    (planted.refused_commits_remembered, 400),
]


@pytest.mark.parametrize(("plant", "within"), WITHIN, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_planted_bug_is_found(plant: planted.Plant, within: int) -> None:
    with in_place_of_kafka(), plant():
        found = next((seed for seed in range(within) if run(seed).failure), None)
    assert found is not None
    print(f"{plant.__name__}: found by seed {found}")
