"""Traces through a transaction that takes in many events: bounded, linked, and none where nobody asked for any."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler

from incidentlog.client import MemoryBroker, Publisher, Subscriber
from incidentlog.client.ports import TopicPartition
from incidentlog.observing import tracing
from incidentlog.observing.spans import Spans, carried
from incidentlog.schemas.topics import Topics
from incidentlog.worker.outbox import Outbox
from incidentlog.worker.tally import Tally
from incidentlog.worker.traces import LINKS, MOST, TracedAccount
from support.articles import event

TOPICS = Topics()
RESCUED = TOPICS.events("RescueReported")
CELL = b"rescued/VNM/KHM"


def made(sampler: Sampler | None = None) -> tuple[Spans, InMemorySpanExporter]:
    """What makes spans, and what it made."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(sampler=sampler)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Spans(provider.get_tracer("test")), exporter


def traced(spans: Spans, number: int, key: bytes = CELL) -> Any:
    span = spans.begin("publish", "send")
    context = span.get_span_context()
    header = f"00-{context.trace_id:032x}-{context.span_id:016x}-01".encode()
    return SimpleNamespace(key=key, offset=number, headers=(("content-type", b"x"), ("traceparent", header)))


def message(topic: str = RESCUED) -> Any:
    return SimpleNamespace(topic=topic, partition=1, offset=9, timestamp=0.0)


def test_many_events_of_a_transaction_are_bounded_and_linked() -> None:
    spans, exporter = made()
    account = TracedAccount(Tally(TOPICS), "estimates", 1, spans, first=True)
    records = [traced(spans, number) for number in range(100)]
    other = traced(spans, 200, b"rescued/CHN/KHM")
    account.heard(message(), [other, *records, SimpleNamespace(key=CELL, offset=300, headers=())])
    rows, contributions = TOPICS.rows("estimates"), TOPICS.contributions
    outbox: Outbox = {
        (rows, 1): [(CELL, b"{}", []), (b"rescued/CHN/KHM", b"{}", []), (b"rescued/LAO/KHM", b"{}", [])],
        (contributions, 0): [(b"rescued-by-nationality|" + CELL + b"#0", b"{}", [])],
        (TOPICS.statements, 1): [(CELL + b"#1", b"{}", [])],
    }
    account.leaving(outbox)
    account.left()
    found = exporter.get_finished_spans()
    assert [each.name for each in found].count("fold") == MOST
    row = [each for each in found if each.name == "row"]
    assert sorted(len(each.links) for each in row) == [0, LINKS, LINKS]
    carry = [[carried(headers) is not None for _, _, headers in outbox[place]] for place in outbox]
    assert carry == [[True, True, False], [True], [False]]
    newest = next(
        each
        for each in found
        if each.name == "fold" and each.attributes == {**(each.attributes or {}), "messaging.kafka.offset": MOST - 2}
    )
    context = carried(outbox[rows, 1][0][2])
    assert context is not None
    assert context.trace_id == newest.context.trace_id == carried(records[MOST - 2].headers).trace_id  # type: ignore[union-attr]
    account.leaving(outbox)
    account.left()
    assert len(exporter.get_finished_spans()) == len(found), "nothing further was heard"


def test_a_roll_ups_row_goes_on_with_the_trace_of_what_changed_it() -> None:
    spans, exporter = made()
    account = TracedAccount(Tally(TOPICS), "rollups", 1, spans, first=False)
    contribution = traced(spans, 5, b"rescued-by-nationality|" + CELL)
    account.heard(message(TOPICS.contributions), [contribution])
    rows = TOPICS.rows("rescued-by-nationality")
    outbox: Outbox = {(rows, 1): [(b"VNM", b"{}", []), (b"*", b"{}", []), (b"CHN", b"{}", [])]}
    account.leaving(outbox)
    account.left()
    assert [carried(headers) is not None for _, _, headers in outbox[rows, 1]] == [True, True, False]
    assert [each.name for each in exporter.get_finished_spans()] == ["roll-up", "row"]


async def test_a_publisher_puts_a_header_on_what_is_sampled_and_changes_nothing_else() -> None:
    published = {}
    for sampler in (None, ALWAYS_OFF):
        broker, (spans, exporter) = MemoryBroker(TOPICS), made(sampler)
        async with Publisher(broker, topics=TOPICS) as publisher:
            publisher._spans = spans
            receipt = await publisher.publish(event("S2-03"))
            await publisher.publish(event("S2-03"))
        [record] = broker.log(TopicPartition(receipt.topic, receipt.partition)).records
        context = carried(record.headers)
        names = [each.name for each in exporter.get_finished_spans()]
        assert (context is not None, names) == ((True, ["publish"]) if sampler is None else (False, []))
        published[sampler] = b'"traceparent"' in (record.value or b""), len(record.headers)
    assert published == {None: (False, 2), ALWAYS_OFF: (False, 1)}


async def test_a_subscriber_ends_the_trace_of_a_row() -> None:
    broker, (spans, exporter) = MemoryBroker(TOPICS), made()
    record = traced(spans, 0)
    for headers in ((), record.headers):
        broker.put(TOPICS.rows("rescued-by-nationality"), "VNM", b'{"low":1,"best":1,"high":1}', headers)
    async with Subscriber(broker, "rescued-by-nationality", topics=TOPICS) as subscriber:
        subscriber._spans = spans
        assert (await subscriber.snapshot())["VNM"]["low"] == 1
    [span] = exporter.get_finished_spans()
    context = carried(record.headers)
    assert context is not None
    assert span.parent is not None
    assert (span.name, span.parent.span_id) == ("receive", context.span_id)


def test_a_context_that_cannot_be_read_or_is_not_sampled_is_none() -> None:
    good = b"00-" + b"a" * 32 + b"-" + b"b" * 16
    assert carried([("traceparent", good + b"-01")]) is not None
    for wrong in (good + b"-00", b"", b"\xff\xfe", good, b"00-" + b"0" * 32 + b"-" + b"b" * 16 + b"-01"):
        assert carried([("traceparent", wrong)]) is None, wrong


def test_where_nobody_wants_traces_opentelemetry_is_not_even_imported() -> None:
    assert tracing.current() is None
    code = (
        "import sys, incidentlog.client, incidentlog.worker.__main__, incidentlog.worker.worker\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]\n"
        "import incidentlog.gateway.app\n"  # FastAPI imports its API, whether or not anybody uses that
        "assert not [name for name in sys.modules if name.startswith('opentelemetry.sdk')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
