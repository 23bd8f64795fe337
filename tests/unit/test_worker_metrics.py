"""A worker's metrics in memory: each is the number that was counted, and alarms ask for none that is not there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.gateway.app import create_app
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.observing.buckets import Buckets
from incidentlog.observing.families import Collected, registry
from incidentlog.observing.trend import Place, Seen
from incidentlog.schemas.topics import PROJECTIONS, Topics
from incidentlog.worker.claims import Counts
from incidentlog.worker.health import Facts
from incidentlog.worker.metrics import Standing, families
from incidentlog.worker.tally import Account, Tally
from support.metrics import Numbers, named, numbers

ROOT = Path(__file__).parents[2]
TOPICS = Topics()
W = "incidentlog_worker_"
NOW = 1_700_000_000.0
ALARMS = YAML(typ="safe").load((ROOT / "services" / "alerts.yaml").read_text())["groups"][0]["rules"]


def letter(reason: str) -> Any:
    return None, b"", [("reason", reason.encode())]


def collected() -> tuple[list[Any], Facts]:
    """The families of a worker that has done all kinds of things, and what they were made of."""
    tally, facts = Tally(TOPICS), Facts(began=0.0, beat=0.0, owned={"estimates": (0, 2), "rollups": ()})
    row: Any = (b"k", b"{}", [])
    rows, statements, letters = TOPICS.rows("estimates"), TOPICS.statements, TOPICS.dead_letters
    tally.stored("estimates", {(rows, 0): [row] * 3, (statements, 0): [row] * 5}, 0.004)
    tally.stored(
        "estimates", {(rows, 2): [row] * 4, (letters, 0): [letter("wrong_key")] * 2 + [letter("oversized")]}, 0.03
    )
    tally.stored("rollups", {(TOPICS.rows("arrests-by-place"), 1): [row]}, 40.0)
    tally.fenced["estimates"] += 1
    tally.failures["rollups"] += 2
    tally.commits_refused, tally.rebalances = 3, 4
    tally.recovered(1.5)
    tally.recovered(0.5)
    tally.epochs = {("estimates", 2): 7}
    account = Account(tally, "estimates", 2)
    message = SimpleNamespace(topic="t", partition=2, offset=8, timestamp=NOW - 100)
    account.applied([(SimpleNamespace(message=message), 6)])
    place = Place("estimates", "t", 2)
    facts.trend.note(10.0, {place: Seen(9, 30, NOW - 90), Place("estimates", "u", 2): Seen(0, 4, NOW - 5)})
    facts.trend.note(14.0, {place: Seen(9, 31, NOW - 90), Place("estimates", "u", 2): Seen(0, 4, NOW - 5)})
    facts.assigned_at = 42.0
    standing = Standing("v1", facts, live=True, ready=False, census=(11, 12, 13), moment=50.0, now=NOW)
    return list(families(standing, tally, Counts(100, 20, 3), {"estimates": 4, "rollups": 4})), facts


def found() -> Numbers:
    return numbers(collected()[0])


def test_each_number_is_what_was_counted() -> None:
    told = found()
    expected = {
        "events_folded_total": 100, "events_known_total": 20, "statements_written_total": 5, "rebalances_total": 4,
        "commit_failures_total": 3, "recovery_seconds_count": 2, "recovery_seconds_sum": 2.0, "cells": 11, "statements": 12,
        "live_claims": 13, "live": 1, "ready": 0, "broker_silent_seconds": 0, "lag_records": 22 + 4, "lag_seconds": 90.0,
        "recovering_seconds": 8.0, "stalled": 0, "applied_timestamp_seconds": NOW - 100,
    }  # fmt: skip
    assert {name: named(told, W + name, version="v1") for name in expected} == expected
    rows = {name: named(told, W + "rows_written_total", projection=name) for name in PROJECTIONS}
    assert {name: count for name, count in rows.items() if count} == {"estimates": 7, "arrests-by-place": 1}
    reasons = Counter(
        {dict(labels)["reason"]: value for (name, labels), value in told.items() if name == W + "dead_letters_total"}
    )
    assert +reasons == {"wrong_key": 2, "oversized": 1}
    assert len(reasons) == 10, "those that did not occur are 0: else nobody sees the first one"
    by_stage = {name: [named(told, W + name, stage=stage) for stage in ("estimates", "rollups")]
                for name in ("fences_total", "transaction_failures_total", "owned_partitions", "partitions",
                             "transaction_seconds_count")}  # fmt: skip
    assert by_stage == {
        "fences_total": [1, 0], "transaction_failures_total": [0, 2], "owned_partitions": [2, 0], "partitions": [4, 4],
        "transaction_seconds_count": [2, 1],
    }  # fmt: skip
    assert named(told, W + "writer_epoch", stage="estimates", partition="2") == 7
    assert named(told, W + "stored_after_seconds_count", stage="estimates") == 6
    assert named(told, W + "transaction_seconds_sum", stage="estimates") == pytest.approx(0.034)
    less = {
        le: named(told, W + "transaction_seconds_bucket", stage="estimates", le=le)
        for le in ("0.0025", "0.005", "0.05", "+Inf")
    }
    assert less == {"0.0025": 0, "0.005": 1, "0.05": 2, "+Inf": 2}
    assert named(told, W + "transaction_seconds_bucket", stage="rollups", le="30.0") == 0


def test_what_is_served_is_what_prometheus_reads() -> None:
    made, there = CollectorRegistry(auto_describe=False), collected()[0]
    made.register(Collected(lambda: there))
    assert numbers(text_string_to_metric_families(generate_latest(made).decode())) == numbers(there)


def test_buckets_count_what_is_at_most_as_large() -> None:
    buckets = Buckets((1.0, 2.0))
    for value, times in ((0.0, 1), (1.0, 2), (1.5, 3), (2.0, 4), (9.0, 5)):
        buckets.observe(value, times)
    assert buckets.cumulative() == [("1.0", 3.0), ("2.0", 10.0), ("+Inf", 15.0)]
    assert (buckets.count, buckets.sum) == (15, 2 + 4.5 + 8 + 45)


def served() -> dict[str, set[str]]:
    """The labels of every sample that workers and gateways serve, by its name."""
    app = create_app(GatewaySettings(), MemoryBroker(TOPICS))
    watching = app.state.watching
    watching.requests.answered["GET", "/", 200] += 1
    watching.trend.note(1.0, {Place("estimates", *TopicPartition("t", 0)): Seen(0, 1, NOW)})
    samples = [each for made in (registry(lambda: collected()[0]), registry(watching.metrics)) for family in made.collect()
               for each in family.samples]  # fmt: skip
    labels: dict[str, set[str]] = {}
    for each in samples:
        labels.setdefault(each.name, set()).update(each.labels)
    return labels


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm["alert"])
def test_an_alarm_asks_for_metrics_and_labels_that_are_there(alarm: dict[str, Any]) -> None:
    there, expr = served(), alarm["expr"]
    asked = set(re.findall(r"\b(?:incidentlog|process)_\w+", expr))
    assert asked
    assert asked <= there.keys()
    # Prometheus adds where it scraped; a keeper adds whose number it is.
    known = {"job", "instance", "worker"}.union(*(there[name] for name in asked))
    grouped = {label.strip() for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", expr) for label in group.split(",")}
    matched = set(re.findall(r"[{,]\s*(\w+)\s*[=!]~?", expr))
    assert grouped | matched <= known
    words = set(re.findall(r"\b[a-z_]+\b(?=\s*\()", expr))
    assert words <= {"sum", "max", "min", "by", "on", "increase", "rate", "changes", "max_over_time", "min_over_time"}
    assert expr.count("(") == expr.count(")")
    kept = set(re.findall(r"\$labels\.(\w+)", alarm["annotations"]["summary"]))
    assert kept <= grouped | {"instance"}
    assert alarm["labels"]["severity"] in ("warning", "critical")


def test_every_alarm_has_a_place_in_the_runbook() -> None:
    assert len({alarm["alert"] for alarm in ALARMS}) == len(ALARMS)
    runbook = (ROOT / "services" / "RUNBOOK.md").read_text()
    places = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", runbook, re.MULTILINE)}
    places |= set(re.findall(r'<a id="([a-z-]+)">', runbook))
    for alarm in ALARMS:
        anchor = re.sub(r"(?<!^)(?=[A-Z])", "-", alarm["alert"]).lower()
        assert alarm["annotations"]["runbook_url"] == f"services/RUNBOOK.md#{anchor}"
        assert anchor in places
