"""A gateway's metrics: what it counted, read when somebody scrapes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import Metric

from incidentlog.client.metrics import families as of_publisher
from incidentlog.gateway.counting import NO_HEAD
from incidentlog.gateway.watching import Watching
from incidentlog.observing.families import counter, gauge, histogram
from incidentlog.observing.trend import Standing, Trend
from incidentlog.schemas.dead_letters import REASONS

_G = "incidentlog_gateway_"


def families(watching: Watching) -> Iterable[Metric]:
    """All of them."""
    yield from _requests(watching)
    yield from _streams(watching)
    yield from _log(watching)
    yield from of_publisher(watching.writer.counts)


def _requests(watching: Watching) -> Iterator[Metric]:
    requests = watching.requests
    answered = {(method, route, str(code)): n for (method, route, code), n in requests.answered.copy().items()}
    answered |= {("", NO_HEAD, str(code)): n for code, n in requests.refused.copy().items()}
    yield counter(
        _G + "requests", "Requests, by route and status; `head` are those refused before they had a route.",
        ["method", "route", "code"], answered,
    )  # fmt: skip
    seconds = {(route,): each for route, each in requests.seconds.copy().items()}
    yield histogram(_G + "request_seconds", "Time until an answer began.", ["route"], seconds)
    yield gauge(
        _G + "requests_under_way", "Requests that are being answered, streams included.", [], {(): requests.under_way}
    )


def _streams(watching: Watching) -> Iterator[Metric]:
    streams = watching.gateway.streams
    yield gauge(_G + "streams", "Open streams.", [], {(): len(streams)})
    yield counter(_G + "stream_rows", "Rows sent to readers of streams, once for each reader.", [], {(): streams.rows})
    yield counter(
        _G + "stream_rows_coalesced", "Changes that a reader was not sent, since a newer one of the same row was.", [],
        {(): streams.coalesced},
    )  # fmt: skip


def _log(watching: Watching) -> Iterator[Metric]:
    gateway = watching.gateway
    held = {(name,): len(mirror.held) for name, mirror in gateway.mirrors.items()}
    yield gauge(_G + "rows_held", "Rows in memory, by projection, those that are gone included.", ["projection"], held)
    letters = gateway.quarantine.standing.reasons()
    open_ones = {(reason,): letters.get(reason, 0) for reason in (*REASONS, *letters)}
    yield gauge(_G + "dead_letters", "Dead letters that nobody has redriven, by reason.", ["reason"], open_ones)
    yield gauge(_G + "broker_silent_seconds", "For how long the log has not answered.", [], {(): watching.silent})
    health = watching.health()
    yield gauge(_G + "live", "1: to start it anew would mend nothing.", [], {(): float(health.live)})
    yield gauge(
        _G + "ready", "1: everything was read, and is current while the log is there.", [], {(): float(health.ready)}
    )
    by_name = [
        ("lag_records", "Records that were not read yet.", _lag),
        ("lag_seconds", "Age of the oldest of them.", _age),
    ]
    for name, help_, of in by_name:
        yield gauge(_G + name, help_, ["follows"], _by_group(watching.trend, of))
    for name, help_, of in (
        ("unfolded_records", "Events that no worker has folded and committed yet.", _lag),
        ("unfolded_seconds", "Age of the oldest of them.", _age),
    ):
        yield gauge(_G + name, help_, [], {(): max(_by_group(watching.fold, of).values(), default=0.0)})
    yield gauge(_G + "unowned_partitions", "Partitions of event topics that no worker has.", [], {(): watching.unowned})


def _lag(standings: list[Standing]) -> float:
    return sum(each.lag for each in standings)


def _age(standings: list[Standing]) -> float:
    return max(each.waiting for each in standings)


def _by_group(trend: Trend, of: Callable[[list[Standing]], float]) -> dict[tuple[str], float]:
    groups: dict[tuple[str], list[Standing]] = {}
    for each in trend.standings(time.time()):
        groups.setdefault((each.group,), []).append(each)
    return {group: of(standings) for group, standings in groups.items()}
