"""A publisher's metrics, for programs that serve their own: `registry.register(collector(publisher.counts))`.

Needs prometheus-client, which comes with incidentlog[worker] and incidentlog[gateway].
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from incidentlog.client.receipts import Counts
from incidentlog.observing.families import Collected, counter, gauge

_P = "incidentlog_publisher_"


def families(counts: Counts) -> Iterable[Metric]:
    """What a publisher has counted."""
    events = {
        ("appended",): counts.appended,
        ("known",): counts.known,
        ("refused",): counts.refused,
        ("failed",): counts.failed,
    }
    yield counter(_P + "events", "Events, by what became of them; `failed` were not acknowledged.", ["outcome"], events)
    yield gauge(_P + "waiting_events", "Events that wait for the broker.", [], {(): counts.waiting})


def collector(counts: Counts) -> Collector:
    """For a registry of yours."""
    return Collected(lambda: families(counts))
