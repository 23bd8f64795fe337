"""A worker's metrics: what it counted, read when somebody scrapes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import Metric, SummaryMetricFamily

from incidentlog.observing.families import Values, counter, gauge, histogram
from incidentlog.schemas.dead_letters import REASONS
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.worker.claims import Counts
from incidentlog.worker.health import Facts
from incidentlog.worker.tally import Tally

_W = "incidentlog_worker_"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker of a version stands; `census` is (cells, events in their sets, live claims)."""

    version: str
    facts: Facts
    live: bool
    ready: bool
    census: tuple[int, int, int]
    moment: float
    now: float


def families(standing: Standing, tally: Tally, counts: Counts, partitions: Mapping[str, int]) -> Iterable[Metric]:
    """All of them; `partitions` are how many partition numbers each stage has in all."""
    yield from _folded(standing, tally, counts)
    yield from _stored(standing, tally)
    yield from _owned(standing, tally, partitions)
    yield from _lag(standing, tally)
    yield from _state(standing)


def _folded(standing: Standing, tally: Tally, counts: Counts) -> Iterator[Metric]:
    own = (standing.version,)
    yield counter(
        _W + "events_folded",
        "Events folded, with those known already and those refused.",
        ["version"],
        {own: counts.events},
    )
    yield counter(_W + "events_known", "Events folded that were known already.", ["version"], {own: counts.known})
    # 0 where there is none: what is not there cannot be seen to grow.
    dead = {(standing.version, reason): tally.dead.get(reason, 0) for reason in REASONS}
    yield counter(_W + "dead_letters", "Records that became dead letters, by reason.", ["version", "reason"], dead)


def _stored(standing: Standing, tally: Tally) -> Iterator[Metric]:
    version, records, topics = standing.version, tally.records.copy(), tally.topics
    rows = {(version, name): records[topics.rows(name)] for name in PROJECTIONS}
    yield counter(_W + "rows_written", "Rows written, by projection.", ["version", "projection"], rows)
    sets = {(version,): records[topics.statements]}
    yield counter(
        _W + "statements_written", "Events taken into the sets that numbers are folded from.", ["version"], sets
    )
    yield histogram(
        _W + "transaction_seconds", "Time that transactions took, by stage.", ["version", "stage"],
        {(version, stage): each for stage, each in tally.transactions.copy().items()},
    )  # fmt: skip
    yield histogram(
        _W + "stored_after_seconds",
        "Time from a record's being appended until all that follows from it was stored, by stage; a chunk's as its newest's.",
        ["version", "stage"],
        {(version, stage): each for stage, each in tally.latency.copy().items()},
    )
    yield counter(
        _W + "transaction_failures", "Transactions that failed, but for fenced ones.", ["version", "stage"],
        _by_stage(standing, tally.failures),
    )  # fmt: skip
    yield counter(
        _W + "fences", "Writers that were fenced: another worker took their partition over.", ["version", "stage"],
        _by_stage(standing, tally.fenced),
    )  # fmt: skip
    yield counter(
        _W + "commit_failures", "Commits of offsets that the broker refused.", ["version"], {(version,): tally.commits_refused}
    )  # fmt: skip


def _owned(standing: Standing, tally: Tally, partitions: Mapping[str, int]) -> Iterator[Metric]:
    version, owned = standing.version, standing.facts.owned
    yield counter(
        _W + "rebalances", "Times that partitions were given out.", ["version"], {(version,): tally.rebalances}
    )
    recovery = SummaryMetricFamily(
        _W + "recovery_seconds", "Time from being given partitions until they were read back.", labels=["version"]
    )
    recovery.add_metric([version], tally.recoveries, tally.recovery_seconds)
    yield recovery
    labels = ["version", "stage"]
    yield gauge(_W + "owned_partitions", "Partition numbers that this worker owns.", labels,
                {(version, stage): len(numbers) for stage, numbers in owned.items()})  # fmt: skip
    yield gauge(_W + "partitions", "Partition numbers that there are.", labels,
                {(version, stage): number for stage, number in partitions.items()})  # fmt: skip
    yield gauge(
        _W + "writer_epoch", "How often a partition's writer was taken over by anybody, as the broker counts.",
        [*labels, "partition"], {(version, stage, str(p)): epoch for (stage, p), epoch in tally.epochs.copy().items()},
    )  # fmt: skip


def _lag(standing: Standing, tally: Tally) -> Iterator[Metric]:
    version, facts = standing.version, standing.facts
    found = list(facts.trend.standings(standing.now, facts.positions))
    keys = [(version, each.group, str(each.partition)) for each in found]
    labels = ["version", "stage", "partition"]

    def told(name: str, help_: str, values: list[float]) -> Metric:
        return gauge(_W + name, help_, labels, dict(zip(keys, values, strict=True)))

    yield told("lag_records", "Records that are not stored yet, as last looked.", [each.lag for each in found])
    yield told(
        "lag_seconds",
        "Age of the oldest record that is not stored yet; 0: there is none.",
        [each.waiting for each in found],
    )
    yield told(
        "stalled", "1: nothing moves though there is something to read.", [float(each.stalled) for each in found]
    )
    stages = {place: place.group for place in facts.trend.seen}
    newest: dict[tuple[str, ...], float] = {}
    for place, stage in stages.items():
        at = tally.newest.get((place.topic, place.partition))
        if at is not None:
            key = (version, stage, str(place.partition))
            newest[key] = max(newest.get(key, 0.0), at)
    yield gauge(
        _W + "applied_timestamp_seconds", "When the newest record that was stored had been appended.", labels, newest
    )


def _state(standing: Standing) -> Iterator[Metric]:
    own, (cells, events, live) = (standing.version,), standing.census
    silent, assigned = standing.facts.silent_since, standing.facts.assigned_at
    for name, help_, value in (
        ("live", "1: to start it anew would mend nothing.", float(standing.live)),
        ("ready", "1: the rows it writes are current.", float(standing.ready)),
        ("broker_silent_seconds", "For how long the broker has not answered.", 0.0 if silent is None else standing.moment - silent),
        (
            "recovering_seconds",
            "For how long it has been reading back what it was given; 0: it is done.",
            0.0 if assigned is None else standing.moment - assigned,
        ),
        ("cells", "Cells in memory.", cells),
        ("statements", "Events in the sets of the cells in memory.", events),
        ("live_claims", "Claims that count, in cells that were read since they were taken back.", live),
    ):  # fmt: skip
        yield gauge(_W + name, help_, ["version"], {own: value})


def _by_stage(standing: Standing, counted: Mapping[str, int]) -> Values:
    return {(standing.version, stage): counted.get(stage, 0) for stage in standing.facts.owned}
