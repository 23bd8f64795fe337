"""Under which conditions something was measured, in words: figures mean nothing without them."""

from __future__ import annotations

import os
import platform
from statistics import mean

import psutil

from incidentlog.bench.sums.cluster import PARTITIONS
from incidentlog.bench.sums.rounds import Plan
from incidentlog.bench.sums.runs import LAST, WARM
from incidentlog.bench.sums.source import events
from incidentlog.local.digests import KAFKA_VERSION


def conditions(plan: Plan) -> list[str]:
    """What a reader has to know, a sentence each."""
    terms = plan.terms
    size = round(mean(len(event.value) for event in events(1_000, plan.keys)))
    broker = "a broker of one's own" if plan.bootstrap else f"Kafka {KAFKA_VERSION}, one node on the same machine"
    return [
        (
            f"{plan.events:,} claims of {size:,} bytes over {plan.keys} keys and {PARTITIONS} partitions on {broker}; slow "
            "engines get the first part of the same events, all figures are per event."
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
        (
            f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, {psutil.virtual_memory().total >> 30} GiB, "
            f"Python {platform.python_version()}; load average at the end {psutil.getloadavg()[0]:.1f}."
        ),
    ]
