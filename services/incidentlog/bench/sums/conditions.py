"""Under which conditions something was measured, in words: figures mean nothing without them."""

from __future__ import annotations

from statistics import mean

from incidentlog.bench.machine import broker_in_words, machine_in_words
from incidentlog.bench.sums.cluster import PARTITIONS
from incidentlog.bench.sums.rounds import Plan
from incidentlog.bench.sums.runs import LAST, WARM
from incidentlog.bench.sums.source import events


def conditions(plan: Plan) -> list[str]:
    """What a reader has to know, a sentence each."""
    terms = plan.terms
    size = round(mean(len(event.value) for event in events(1_000, plan.keys)))
    return [
        (
            f"{plan.events:,} claims of {size:,} bytes over {plan.keys} keys and {PARTITIONS} partitions on "
            f"{broker_in_words(plan.bootstrap)}; slow engines get the first part of the same events, all figures are per event."
        ),
        "The job: decode the JSON, add up the quantity for each key, store changed sums on a compacted topic, acks=all.",
        (
            f"For all, where they let one set it: {terms.fetch_bytes >> 10} KiB fetched of a partition at once, a commit (or "
            f"transaction) every {terms.commit * 1000:g} ms. Every run's sums were compared with the true ones."
        ),
        (
            f"{plan.rounds} rounds in which each has a turn; measured from {WARM:.0%} to {LAST:.0%} of the events, so that "
            "start and warm-up do not count (`with start`: they do); CPU is that of the engine's process, not the broker's."
        ),
        machine_in_words(),
    ]
